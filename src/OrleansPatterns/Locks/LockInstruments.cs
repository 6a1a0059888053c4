using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Locks;

/// <summary>What a process that takes locks tells of them.</summary>
internal sealed class LockInstruments
{
    private readonly MetricHistogram<LockMode, LockAcquireOutcome> _waits;
    private readonly MetricHistogram<LockMode> _holds;
    private readonly MetricCounter<LockLossCause> _losses;
    private readonly MetricCounter _renewalFailures;
    private long _waiting;
    private long _held;

    public LockInstruments(PatternMeter meter)
    {
        var mode = new MetricTag<LockMode>("orleanspatterns.lock.mode");
        _waits = meter.Histogram(
            "orleanspatterns.lock.wait.duration", "s", "How long callers waited for a lock, and with what outcome.", MetricBuckets.Calls,
            mode, new MetricTag<LockAcquireOutcome>("orleanspatterns.lock.outcome"));
        _holds = meter.Histogram(
            "orleanspatterns.lock.hold.duration", "s", "How long locks were held until they were released or lost.", MetricBuckets.Work, mode);
        _losses = meter.Counter(
            "orleanspatterns.lock.losses", "{lock}", "Locks that were lost while they were held.", new MetricTag<LockLossCause>("orleanspatterns.lock.cause"));
        _renewalFailures = meter.Counter(
            "orleanspatterns.lock.renewal.failures", "{lock}", "Locks whose renewal was not answered; it is tried again until the lease is over.");
        meter.UpDownCounter("orleanspatterns.lock.waiters", "{caller}", "Callers that wait for a lock.", () => Interlocked.Read(ref _waiting));
        meter.UpDownCounter("orleanspatterns.lock.holds", "{lock}", "Locks that are held.", () => Interlocked.Read(ref _held));
    }

    /// <summary>Somebody begins to wait; <see cref="Answered"/> follows.</summary>
    internal void Asked() => Interlocked.Increment(ref _waiting);

    internal void Answered(LockMode mode, LockAcquireOutcome outcome, TimeProvider time, long askedAt)
    {
        Interlocked.Decrement(ref _waiting);
        if (_waits.Enabled)
        {
            _waits.Record(time.GetElapsedTime(askedAt), mode, outcome);
        }
    }

    /// <summary>A lock is held; <see cref="Forgotten"/> follows.</summary>
    internal void Kept() => Interlocked.Increment(ref _held);

    internal void Forgotten() => Interlocked.Decrement(ref _held);

    internal void Released(HeldLock hold)
    {
        if (_holds.Enabled)
        {
            _holds.Record(hold.HeldFor, hold.Grant.Mode);
        }
    }

    internal void Lost(HeldLock hold, LockLossCause cause)
    {
        Released(hold);
        _losses.Add(cause);
    }

    internal void RenewalFailed(int locks) => _renewalFailures.Add(locks);
}
