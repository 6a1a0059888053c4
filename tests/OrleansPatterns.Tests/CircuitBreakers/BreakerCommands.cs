using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Settings and reports as a process sends them.</summary>
internal static class BreakerCommands
{
    internal static readonly BreakerSettings Defaults = BreakerSettings.From(new CircuitBreakerOptions());

    /// <summary>Random in the middle: a break is exactly as long as it is set.</summary>
    internal const double NoJitter = 0.5;

    internal static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    internal static string FreshDependency() => $"breaker-{Guid.NewGuid():N}";

    internal static BreakerReport Report(
        int failures, int successes = 0, long sequence = 1, long generation = 0, string? caller = null, BreakerSettings? settings = null, Guid? epoch = null) => new()
        {
            Caller = caller ?? $"{Guid.NewGuid()}",
            Epoch = epoch ?? Guid.NewGuid(),
            Sequence = sequence,
            Generation = generation,
            Version = generation,
            Successes = successes,
            Failures = failures,
            Settings = settings ?? Defaults,
        };

    internal static BreakerOverride Isolation(string reason) => new() { State = BreakerState.Isolated, Reason = reason };

    internal static BreakerMoment At(TimeSpan now) => new(now, DateTimeOffset.UnixEpoch, NoJitter);

    internal static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Seconds(20), TestContext.Current.CancellationToken);

    internal static Task Soon(this Task task) => task.WaitAsync(Seconds(20), TestContext.Current.CancellationToken);

    /// <summary>Waits until this process has heard of the state.</summary>
    internal static async Task UntilAsync(this ICircuitBreaker breaker, BreakerState state)
    {
        using var safetyNet = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        // Shorter than the renewal of a subscription, so that a change which was not pushed is missed.
        safetyNet.CancelAfter(Seconds(15));
        await foreach (var seen in breaker.WatchAsync(safetyNet.Token))
        {
            if (seen == state)
            {
                return;
            }
        }
    }
}
