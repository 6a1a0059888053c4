using System.Diagnostics.CodeAnalysis;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>What live pages show, read once for all that show the same: a hundred open consoles cost the cluster no more than one.</summary>
/// <param name="time">The clock.</param>
internal sealed class LiveReads(TimeProvider time)
{
    /// <summary>How often a live page is compared with what it shows.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    internal const int MaxStreams = 256;

    /// <summary>Pages that look at the same thing do so at different moments of the interval; what is not older than this is new enough.</summary>
    private static readonly TimeSpan MaxAge = Interval / 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Task<string?> Read, long BegunAt)> _reads = new(StringComparer.Ordinal);
    private int _streams;

    /// <summary>Takes the place of one live page.</summary>
    internal bool TryEnter([NotNullWhen(true)] out IDisposable? place)
    {
        place = null;
        if (Interlocked.Increment(ref _streams) > MaxStreams)
        {
            Interlocked.Decrement(ref _streams);
            return false;
        }

        place = new Place(this);
        return true;
    }

    internal Task<string?> GetAsync(string address, Func<Task<string?>> read)
    {
        lock (_gate)
        {
            if (_reads.TryGetValue(address, out var known) && (!known.Read.IsCompleted || time.GetElapsedTime(known.BegunAt) < MaxAge))
            {
                return known.Read;
            }

            foreach (var old in _reads.Where(old => old.Value.Read.IsCompleted && time.GetElapsedTime(old.Value.BegunAt) >= MaxAge).ToList())
            {
                _reads.Remove(old.Key);
            }

            var begun = Task.Run(read);
            _reads[address] = (begun, time.GetTimestamp());
            return begun;
        }
    }

    private sealed class Place(LiveReads reads) : IDisposable
    {
        private LiveReads? _reads = reads;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _reads, null) is { } left)
            {
                Interlocked.Decrement(ref left._streams);
            }
        }
    }
}
