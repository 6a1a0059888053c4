using System.Collections.Immutable;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>One breaker in memory: record, window and when what is open or under way ends. The grain has one, and so has each process for when the cluster is away.</summary>
/// <remarks>
/// A command gives the record as it should be; it takes effect with <see cref="Apply"/>, which the grain calls once it is written. Not safe for
/// concurrent use.
/// </remarks>
internal sealed class BreakerCore
{
    private const int HistoryLength = 10;
    private const int DecisionsLength = 16;
    private const int BreakdownLength = 10;

    /// <summary>A probe may end long before its lease, and nobody is told; so ask again sooner.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly BreakerWindow _window = new();
    private readonly ExpectedCallers _expected = new();

    /// <summary>When the break of a circuit is over; the cluster's is that of the caller "". Under MetricsOnly, when the break that is not made would be.</summary>
    private readonly Dictionary<string, TimeSpan> _openUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TimeSpan> _leaseEnds = [];
    private TimeSpan? _overrideUntil;

    public BreakerRecord Record { get; private set; } = new();

    private BreakerState Override => Record.Override?.State ?? BreakerState.None;

    /// <summary>Begins with a record that was read: how much of a break or a lease had passed is not known, so it begins anew.</summary>
    public void Restore(BreakerRecord record, TimeSpan? overrideFor, BreakerSettings settings, TimeSpan now)
    {
        Record = new BreakerRecord { Version = -1, Cluster = new BreakerCircuit { Generation = -1 } };
        _leaseEnds.Clear();
        _openUntil.Clear();
        Apply(record, settings, now);
        _overrideUntil = now + overrideFor;
    }

    /// <summary>There may be callers of which nobody here has heard yet.</summary>
    public void ExpectUnknown(TimeSpan now) => _expected.ExpectUnknown(now);

    public BreakerRecord Count(string caller, long generation, CallTally tally, BreakerSettings settings, BreakerMoment moment)
    {
        var circuit = CircuitOf(caller);
        if (Override is BreakerState.Isolated or BreakerState.Disabled || circuit.State != BreakerState.Closed || generation != circuit.Generation
            || Remaining(KeyOf(caller), moment.Now) > TimeSpan.Zero)
        {
            return Record;
        }

        _window.Add(caller, tally, settings.SamplingDuration, moment.Now);
        if (Override == BreakerState.ForcedClosed || tally.Failures + tally.SlowCalls == 0)
        {
            return Record;
        }

        var verdict = BreakerVerdict.Judge(settings, _window, _expected.CountActive(_window.Callers, moment.Now), caller);
        return verdict switch
        {
            { Reason: null } => Record,
            { ForAll: true } => OpenForAll(verdict.Reason, settings, moment),
            _ => OpenFor(verdict.Callers, verdict.Reason, settings, moment),
        };
    }

    /// <summary>Gives a permit, or says when to come again. Both with the record: no permit is good before that is written.</summary>
    public (BreakerRecord Next, long Permit, TimeSpan RetryAfter) AcquireProbe(string caller, BreakerSettings settings, BreakerMoment moment)
    {
        var key = KeyOf(caller);
        var circuit = CircuitOf(caller);
        if (Record.Override is not null || circuit.State == BreakerState.Closed)
        {
            return (Record, 0, TimeSpan.Zero);
        }

        if (circuit.State == BreakerState.Open && Remaining(key, moment.Now) is var left && left > TimeSpan.Zero)
        {
            return (Record, 0, left);
        }

        var next = Record;
        if (circuit.State == BreakerState.Open)
        {
            circuit = BreakerRules.BeginProbing(circuit, Record.Version + 1);
            next = Change(key, circuit, BreakerState.HalfOpen, "The break is over.", settings, moment);
        }

        circuit = circuit with { Permits = circuit.Permits.RemoveAll(permit => !IsUnderWay(permit, moment.Now)) };
        var underWay = UnderWay(moment.Now);
        if (underWay.Length >= settings.ConcurrentProbes
            || (circuit.Permits.Length > 0 && circuit.SuccessfulProbes + circuit.Permits.Length >= settings.SuccessfulProbes))
        {
            var soonest = underWay.IsEmpty ? AskAgainAfter : underWay.Min(permit => _leaseEnds[permit]) - moment.Now;
            return (next, 0, soonest < AskAgainAfter ? soonest : AskAgainAfter);
        }

        // The version is the permit's number: no other permit has it, in whatever activation.
        var id = Record.Version + 1;
        var retired = next.RetiredPermits.RemoveAll(permit => !IsUnderWay(permit, moment.Now));
        return (Put(next with { Version = id, RetiredPermits = retired }, key, circuit with { Permits = circuit.Permits.Add(id) }), id, TimeSpan.Zero);
    }

    /// <summary>The permits of all probes that have not ended or lapsed yet.</summary>
    public ImmutableArray<long> UnderWay(TimeSpan now) => [.. AllPermits(Record).Where(permit => IsUnderWay(permit, now))];

    public BreakerRecord EndProbe(long permit, CallOutcome outcome, BreakerSettings settings, BreakerMoment moment)
    {
        if (!IsUnderWay(permit, moment.Now))
        {
            return Record;
        }

        if (Record.RetiredPermits.Contains(permit))
        {
            return Record with { Version = Record.Version + 1, RetiredPermits = Record.RetiredPermits.Remove(permit) };
        }

        var (key, circuit) = Record.Cluster.Permits.Contains(permit)
            ? ("", Record.Cluster)
            : Record.Callers.Where(caller => caller.Value.Permits.Contains(permit)).Select(caller => (caller.Key, caller.Value)).First();
        var next = BreakerRules.EndProbe(circuit, permit, outcome, Record.Version + 1, settings, moment.Random);
        return next.State switch
        {
            BreakerState.Open => Change(key, next, key.Length == 0 ? BreakerState.Open : BreakerState.LocalOpen, "A probe failed.", settings, moment, permit),
            BreakerState.Closed => Change(key, next, BreakerState.Closed, $"{settings.SuccessfulProbes} probes succeeded.", settings, moment, permit),
            _ => Put(Record with { Version = Record.Version + 1 }, key, next),
        };
    }

    /// <summary>Holds the breaker by hand. What it had decided itself is over.</summary>
    /// <remarks>Said again it changes nothing, but is written: an activation that another has overtaken only knows it by that.</remarks>
    public BreakerRecord Hold(BreakerOverride byHand, DateTimeOffset? endsAt, BreakerMoment moment) =>
        Record.Override == byHand && byHand.ExpiresAfter is null
            ? Record with { Version = Record.Version + 1 }
            : StartAnew(byHand.State, byHand.Reason, byHand.Author, moment) with { Override = byHand, OverrideEndsAt = endsAt };

    /// <summary>Whether a decision by hand was made already: this is another attempt of it, left behind by a caller that did not wait any longer.</summary>
    public bool IsMade(Guid decisionId) => decisionId != Guid.Empty && Record.Decisions.Contains(decisionId);

    /// <summary>Notes a decision by hand together with what it changes.</summary>
    public static BreakerRecord Noting(BreakerRecord next, Guid decisionId) =>
        decisionId == Guid.Empty ? next : next with { Decisions = [.. next.Decisions.TakeLast(DecisionsLength - 1), decisionId] };

    /// <summary>Closes the breaker, whatever its state, and counts anew.</summary>
    public BreakerRecord Close(string? author, BreakerMoment moment) => StartAnew(BreakerState.Closed, "Closed by hand.", author, moment);

    /// <summary>Lifts what was held by hand once its time is over.</summary>
    public BreakerRecord Expire(BreakerMoment moment) =>
        _overrideUntil <= moment.Now ? StartAnew(BreakerState.Closed, "What was decided by hand has expired.", author: null, moment) : Record;

    /// <summary>Drops the circuits of callers that are gone. Their probes may still be under way, so those with a permit stay until it lapses.</summary>
    public BreakerRecord Forget(IReadOnlySet<string> living, BreakerMoment moment)
    {
        var gone = Record.Callers
            .Where(own => !living.Contains(own.Key) && !own.Value.Permits.Any(permit => IsUnderWay(permit, moment.Now)))
            .Select(own => own.Key)
            .ToList();
        return gone.Count == 0 ? Record : Record with { Version = Record.Version + 1, Callers = Record.Callers.RemoveRange(gone) };
    }

    /// <summary>Makes a decided record the present one. Counts and probes of the old generation are over.</summary>
    public void Apply(BreakerRecord next, BreakerSettings settings, TimeSpan now)
    {
        if (ReferenceEquals(next, Record))
        {
            return;
        }

        var before = Record;
        Record = next;
        if (next.Cluster.Generation != before.Cluster.Generation)
        {
            _expected.ExpectAgain(_window.Callers, now);
            _window.Clear();
            _openUntil.Clear();
            TimeOut("", next.Cluster, now);
        }

        foreach (var (caller, circuit) in next.Callers)
        {
            if (before.Callers.GetValueOrDefault(caller)?.Generation != circuit.Generation)
            {
                _window.Remove(caller);
                TimeOut(caller, circuit, now);
            }
        }

        var permits = AllPermits(next).ToHashSet();
        foreach (var ended in _leaseEnds.Keys.Where(permit => !permits.Contains(permit)).ToList())
        {
            _leaseEnds.Remove(ended);
        }

        foreach (var permit in permits)
        {
            _leaseEnds.TryAdd(permit, now + settings.ProbeLease);
        }

        if (!ReferenceEquals(next.Override, before.Override))
        {
            _overrideUntil = now + next.Override?.ExpiresAfter;
        }
    }

    public BreakerSnapshot Snapshot(string caller, TimeSpan now)
    {
        var circuit = CircuitOf(caller);
        return new BreakerSnapshot
        {
            State = StateOf(caller),
            Generation = circuit.Generation,
            Version = Record.Version,
            Reason = Record.Override?.Reason ?? circuit.Reason,
            OpenFor = Record.Override is not null
                ? (_overrideUntil > now ? _overrideUntil.Value - now : TimeSpan.Zero)
                : circuit.State == BreakerState.Open ? Remaining(KeyOf(caller), now) : TimeSpan.Zero,
        };
    }

    public BreakerStatus Describe(BreakerSettings settings, TimeSpan now)
    {
        _window.Slide(settings.SamplingDuration, now);
        var total = _window.Total;
        return new BreakerStatus
        {
            Snapshot = Snapshot("", now),
            Successes = total.Successes,
            Failures = total.Failures,
            SlowCalls = total.SlowCalls,
            Callers = _window.Callers.Count,
            ByCaller = [.. _window.Callers.Keys.Union(Record.Callers.Where(own => own.Value.State != BreakerState.Closed).Select(own => own.Key))
                .Select(Describe).OrderByDescending(caller => caller.Failures).ThenBy(caller => caller.Caller, StringComparer.Ordinal)],
            History = Record.History,
            Override = Record.Override,
            Settings = settings,
        };
    }

    private static IEnumerable<long> AllPermits(BreakerRecord record) =>
        record.Cluster.Permits.Concat(record.Callers.Values.SelectMany(circuit => circuit.Permits)).Concat(record.RetiredPermits);

    private static BreakerRecord Put(BreakerRecord record, string key, BreakerCircuit circuit) =>
        key.Length == 0 ? record with { Cluster = circuit } : record with { Callers = record.Callers.SetItem(key, circuit) };

    private BreakerCircuit CircuitOf(string caller) => Record.Callers.GetValueOrDefault(caller) ?? Record.Cluster;

    /// <summary>Under which key what concerns a caller is found: its own, if it has a circuit of its own.</summary>
    private string KeyOf(string caller) => Record.Callers.ContainsKey(caller) ? caller : "";

    private BreakerState StateOf(string caller) => Record.Override is { } byHand
        ? byHand.State
        : CircuitOf(caller).State == BreakerState.Open && Record.Callers.ContainsKey(caller) ? BreakerState.LocalOpen : CircuitOf(caller).State;

    private BreakerRecord OpenForAll(string reason, BreakerSettings settings, BreakerMoment moment)
    {
        var version = Record.Version + 1;
        var circuit = Override == BreakerState.MetricsOnly
            ? BreakerRules.ClosedThoughDue(version, settings)
            : BreakerRules.Open(Record.Cluster, version, settings, reason, moment.Random);
        return Note(Record with { Callers = Record.Callers.Clear(), Cluster = circuit, Settings = settings }, BreakerState.Open, reason, moment);
    }

    private BreakerRecord OpenFor(ImmutableArray<string> callers, string reason, BreakerSettings settings, BreakerMoment moment)
    {
        var (next, version) = (Record, Record.Version + 1);
        foreach (var caller in callers)
        {
            next = Put(next, caller, Override == BreakerState.MetricsOnly
                ? BreakerRules.ClosedThoughDue(version, settings)
                : BreakerRules.Open(CircuitOf(caller), version, settings, reason, moment.Random));
        }

        return Note(next with { Settings = settings }, BreakerState.LocalOpen, reason, moment, callers);
    }

    private BreakerRecord Change(
        string key, BreakerCircuit circuit, BreakerState to, string reason, BreakerSettings settings, BreakerMoment moment, long ended = 0) =>
        Note(Put(Record with { Settings = settings }, key, circuit), to, reason, moment, key.Length == 0 ? [] : [key], ended: ended);

    private BreakerRecord StartAnew(BreakerState to, string reason, string? author, BreakerMoment moment) => Note(
        new BreakerRecord { Cluster = BreakerRules.Closed(Record.Version + 1), Settings = Record.Settings, History = Record.History, Decisions = Record.Decisions },
        to, reason, moment, author: author);

    private BreakerRecord Note(
        BreakerRecord next, BreakerState to, string reason, BreakerMoment moment, ImmutableArray<string> onlyCallers = default, string? author = null, long ended = 0)
    {
        // Whatever else was under way is so still, and the budget is one for the whole cluster.
        var goOn = next.Cluster.Permits.Concat(next.Callers.Values.SelectMany(circuit => circuit.Permits)).ToHashSet();
        var retired = AllPermits(Record).Where(permit => permit != ended && !goOn.Contains(permit) && IsUnderWay(permit, moment.Now));
        var transition = new BreakerTransition
        {
            Version = Record.Version + 1,
            From = StateOf(onlyCallers.IsDefaultOrEmpty ? "" : onlyCallers[0]),
            To = to,
            Reason = reason,
            Author = author,
            At = moment.At,
            OnlyCallers = onlyCallers.IsDefault ? [] : onlyCallers,
            Callers = [.. _window.Callers.Keys.Select(Describe).OrderByDescending(caller => caller.Failures).Take(BreakdownLength)],
        };
        return next with { Version = transition.Version, RetiredPermits = [.. retired], History = [.. Record.History.TakeLast(HistoryLength - 1), transition] };
    }

    private BreakerCallerStatus Describe(string caller)
    {
        var tally = _window.Callers.GetValueOrDefault(caller);
        return new()
        {
            Caller = caller,
            State = StateOf(caller),
            Successes = tally.Successes,
            Failures = tally.Failures,
            SlowCalls = tally.SlowCalls,
        };
    }

    private void TimeOut(string key, BreakerCircuit circuit, TimeSpan now)
    {
        if (circuit.State != BreakerState.HalfOpen)
        {
            _openUntil[key] = now + circuit.BreakDuration;
        }
    }

    private bool IsUnderWay(long permit, TimeSpan now) => _leaseEnds.GetValueOrDefault(permit) > now;

    private TimeSpan Remaining(string key, TimeSpan now) =>
        _openUntil.TryGetValue(key, out var until) && until > now ? until - now : TimeSpan.Zero;
}
