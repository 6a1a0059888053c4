using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Locks;

/// <summary>What only the silo of a lock knows.</summary>
internal sealed class LockGrainInstruments
{
    private readonly MetricCounter<LockEvictionCause> _evictions;
    private readonly MetricHistogram _recoveries;

    public LockGrainInstruments(PatternMeter meter)
    {
        _evictions = meter.Counter(
            "orleanspatterns.lock.evictions", "{lock}", "Holders that lost their lock without having released it.",
            new MetricTag<LockEvictionCause>("orleanspatterns.lock.cause"));
        _recoveries = meter.Histogram(
            "orleanspatterns.lock.recovery.duration", "s",
            "For how long nobody new gets a lock because its silo died or was replaced, and what it had claimed is not over.", MetricBuckets.Calls);
    }

    /// <summary>A holder did not renew its lease.</summary>
    internal void Expired() => _evictions.Add(LockEvictionCause.Expired);

    /// <summary>An operator has broken holds.</summary>
    internal void Broken(int holders)
    {
        if (holders > 0)
        {
            _evictions.Add(LockEvictionCause.Broken, holders);
        }
    }

    /// <summary>A new activation waits for the end of what the one before has claimed.</summary>
    internal void Recovering(TimeSpan remaining) => _recoveries.Record(remaining);
}
