namespace OrleansPatterns.CircuitBreakers;

/// <summary>One breaker in memory: record, window and the probe under way. The grain has one, and so has each process for when the cluster is away.</summary>
/// <remarks>
/// A command gives the record as it should be; it takes effect with <see cref="Apply"/>, which the grain calls once it is written. Not safe for
/// concurrent use.
/// </remarks>
internal sealed class BreakerCore
{
    private const long PermitsPerGeneration = 1_000_000;

    private readonly BreakerWindow _window = new();
    private TimeSpan _openUntil;
    private long _permitId;
    private TimeSpan? _permitEndsAt;
    private int _successfulProbes;

    public BreakerRecord Record { get; private set; } = new();

    /// <summary>Begins with a record that was read: whatever time was left, and whatever probe was under way, is not known.</summary>
    public void Restore(BreakerRecord record, TimeSpan probeLease, TimeSpan now)
    {
        Record = record;
        _permitId = FirstPermit(record);
        _openUntil = now + (record.State == BreakerState.HalfOpen ? probeLease : record.BreakDuration);
    }

    public BreakerRecord Count(Guid caller, long generation, int successes, int failures, BreakerSettings settings, TimeSpan now, double random)
    {
        if (Record.State != BreakerState.Closed || generation != Record.Generation)
        {
            return Record;
        }

        _window.Add(caller, successes, failures, settings.SamplingDuration, now);
        var sum = _window.Sum(settings.SamplingDuration, now);
        return failures > 0 && BreakerRules.ShouldTrip(settings, sum.Successes, sum.Failures)
            ? BreakerRules.Trip(Record, settings, sum.Failures, sum.Successes + sum.Failures, random)
            : Record;
    }

    /// <summary>Begins to probe when the break is over. A restored half-open breaker begins anew, since its permits are not known.</summary>
    public BreakerRecord BeginProbing(TimeSpan now) =>
        Record.State is BreakerState.Open or BreakerState.HalfOpen && _openUntil is var until && until > TimeSpan.Zero && now >= until
            ? BreakerRules.BeginProbing(Record)
            : Record;

    /// <summary>Gives the one permit, or says when to come again.</summary>
    public (long PermitId, TimeSpan RetryAfter) TryAcquireProbe(BreakerSettings settings, TimeSpan now)
    {
        if (Record.State != BreakerState.HalfOpen || _openUntil > TimeSpan.Zero)
        {
            return (0, Remaining(now));
        }

        if (_permitEndsAt is { } end && now < end)
        {
            return (0, end - now);
        }

        _permitEndsAt = now + settings.ProbeLease;
        return (++_permitId, TimeSpan.Zero);
    }

    public BreakerRecord EndProbe(long permitId, ProbeOutcome outcome, BreakerSettings settings, TimeSpan now, double random)
    {
        if (Record.State != BreakerState.HalfOpen || permitId != _permitId || _permitEndsAt is not { } end || now >= end)
        {
            return Record;
        }

        _permitEndsAt = null;
        return outcome switch
        {
            ProbeOutcome.Cancelled => Record,
            ProbeOutcome.Failed => BreakerRules.Reopen(Record, settings, random),
            ProbeOutcome.Succeeded => ++_successfulProbes >= settings.SuccessfulProbes ? BreakerRules.Close(Record) : Record,
            _ => throw new InvalidOperationException($"Probe {permitId} ended as {outcome}."),
        };
    }

    /// <summary>Makes a decided record the present one. Counts and probes of the old generation are over.</summary>
    public void Apply(BreakerRecord next, TimeSpan now)
    {
        if (ReferenceEquals(next, Record))
        {
            return;
        }

        Record = next;
        _window.Clear();
        _permitEndsAt = null;
        _permitId = FirstPermit(next);
        _successfulProbes = 0;
        _openUntil = next.State == BreakerState.Open ? now + next.BreakDuration : TimeSpan.Zero;
    }

    public BreakerSnapshot Snapshot(TimeSpan now) => new()
    {
        State = Record.State,
        Generation = Record.Generation,
        OpenFor = Record.State == BreakerState.Open ? Remaining(now) : TimeSpan.Zero,
        Reason = Record.Reason,
    };

    public BreakerStatus Describe(BreakerSettings settings, TimeSpan now)
    {
        var (successes, failures, callers) = _window.Sum(settings.SamplingDuration, now);
        return new BreakerStatus { Snapshot = Snapshot(now), Successes = successes, Failures = failures, Callers = callers };
    }

    /// <summary>Permits of one generation are numbered apart from those of every other, also of another activation's.</summary>
    private static long FirstPermit(BreakerRecord record) => record.Generation * PermitsPerGeneration;

    private TimeSpan Remaining(TimeSpan now) => _openUntil > now ? _openUntil - now : TimeSpan.Zero;
}
