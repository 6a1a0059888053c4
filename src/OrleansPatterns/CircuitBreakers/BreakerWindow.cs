namespace OrleansPatterns.CircuitBreakers;

/// <summary>What was counted lately, by caller, in ten buckets that slide with time.</summary>
/// <remarks>Counts stay apart by caller so that a later rule can tell one bad caller from a bad dependency.</remarks>
internal sealed class BreakerWindow
{
    private const int BucketCount = 10;

    private readonly Queue<Bucket> _buckets = new();

    /// <param name="caller">Who counted.</param>
    /// <param name="successes">How many calls succeeded.</param>
    /// <param name="failures">How many calls failed.</param>
    /// <param name="sampling">The window's length.</param>
    /// <param name="now">The present, on the owner's monotonic clock.</param>
    public void Add(Guid caller, int successes, int failures, TimeSpan sampling, TimeSpan now)
    {
        var start = now.Ticks / Width(sampling);
        if (_buckets.Count == 0 || _buckets.Last().Start != start)
        {
            _buckets.Enqueue(new Bucket(start));
        }

        var counts = _buckets.Last().Counts;
        var (before, failed) = counts.GetValueOrDefault(caller);
        counts[caller] = (before + successes, failed + failures);
    }

    public (int Successes, int Failures, int Callers) Sum(TimeSpan sampling, TimeSpan now)
    {
        var oldest = (now.Ticks / Width(sampling)) - BucketCount;
        while (_buckets.TryPeek(out var bucket) && bucket.Start <= oldest)
        {
            _buckets.Dequeue();
        }

        var counts = _buckets.SelectMany(bucket => bucket.Counts).ToList();
        return (counts.Sum(pair => pair.Value.Successes), counts.Sum(pair => pair.Value.Failures), counts.DistinctBy(pair => pair.Key).Count());
    }

    public void Clear() => _buckets.Clear();

    private static long Width(TimeSpan sampling) => Math.Max(1, sampling.Ticks / BucketCount);

    private sealed record Bucket(long Start)
    {
        public Dictionary<Guid, (int Successes, int Failures)> Counts { get; } = [];
    }
}
