namespace OrleansPatterns.CircuitBreakers;

/// <summary>What was counted lately, by caller, in ten buckets that slide with time.</summary>
/// <remarks>
/// Sums are kept, not made: a report costs the same with a thousand callers as with one. Only a decision looks at all of them.
/// </remarks>
internal sealed class BreakerWindow
{
    private const int BucketCount = 10;

    private readonly Queue<Bucket> _buckets = new();
    private readonly Dictionary<string, CallTally> _callers = new(StringComparer.Ordinal);
    private Bucket? _newest;
    private TimeSpan _sampling;

    /// <summary>Of all callers. The run is of failures that no caller's success has interrupted, in the order of the reports.</summary>
    public CallTally Total { get; private set; }

    /// <summary>Callers with calls in the window.</summary>
    public IReadOnlyDictionary<string, CallTally> Callers => _callers;

    /// <param name="caller">Who counted.</param>
    /// <param name="tally">What.</param>
    /// <param name="sampling">The window's length.</param>
    /// <param name="now">The present, on the owner's monotonic clock.</param>
    public void Add(string caller, CallTally tally, TimeSpan sampling, TimeSpan now)
    {
        Slide(sampling, now);
        if (tally.Calls == 0)
        {
            return;
        }

        var start = now.Ticks / Width(sampling);
        if (_newest?.Start != start)
        {
            _buckets.Enqueue(_newest = new Bucket(start));
        }

        _newest.Callers[caller] = _newest.Callers.GetValueOrDefault(caller).Then(tally);
        _callers[caller] = _callers.GetValueOrDefault(caller).Then(tally);
        Total = Total.Then(tally);
    }

    /// <summary>Forgets what has become too old.</summary>
    public void Slide(TimeSpan sampling, TimeSpan now)
    {
        if (sampling != _sampling)
        {
            // Buckets of another width say something else.
            Clear();
            _sampling = sampling;
        }

        var oldest = (now.Ticks / Width(sampling)) - BucketCount;
        while (_buckets.TryPeek(out var bucket) && bucket.Start <= oldest)
        {
            _buckets.Dequeue();
            foreach (var (caller, tally) in bucket.Callers)
            {
                Subtract(caller, tally);
            }
        }

        if (_buckets.Count == 0)
        {
            Clear();
        }
    }

    /// <summary>Forgets one caller.</summary>
    public void Remove(string caller)
    {
        foreach (var bucket in _buckets)
        {
            if (bucket.Callers.Remove(caller, out var tally))
            {
                Subtract(caller, tally);
            }
        }
    }

    public void Clear()
    {
        _buckets.Clear();
        _callers.Clear();
        _newest = null;
        Total = default;
    }

    private static long Width(TimeSpan sampling) => Math.Max(1, sampling.Ticks / BucketCount);

    private void Subtract(string caller, CallTally tally)
    {
        Total = Total.Without(tally);
        var left = _callers[caller].Without(tally);
        if (left.Calls == 0)
        {
            _callers.Remove(caller);
        }
        else
        {
            _callers[caller] = left;
        }
    }

    private sealed record Bucket(long Start)
    {
        public Dictionary<string, CallTally> Callers { get; } = new(StringComparer.Ordinal);
    }
}
