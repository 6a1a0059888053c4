using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Recovery;

/// <summary>Asks for one key of one pattern again and again, and keeps when it was answered.</summary>
/// <param name="pattern">What is asked.</param>
/// <param name="grain">Who answers for the key.</param>
/// <param name="call">The question.</param>
/// <param name="time">Paces it.</param>
internal sealed class KeyProbe(string pattern, IAddressable grain, Func<Task> call, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly List<long> _answers = [];

    internal string Pattern => pattern;

    internal IAddressable Grain => grain;

    /// <summary>When it was answered so far; only to be read when <see cref="RunAsync"/> has ended.</summary>
    internal IReadOnlyList<long> Answers => _answers;

    internal async Task RunAsync(CancellationToken quiet)
    {
        while (!quiet.IsCancellationRequested)
        {
            try
            {
                await call();
                _answers.Add(MonotonicClock.Now);
            }
            catch (Exception)
            {
                // No answer, then. It is asked again.
            }

            await Task.Delay(Pace, time, CancellationToken.None);
        }
    }
}
