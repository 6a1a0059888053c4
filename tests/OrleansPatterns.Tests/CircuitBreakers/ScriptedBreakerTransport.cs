using System.Threading.Channels;
using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Answers as the grain would, from a core of its own, or not at all.</summary>
internal sealed class ScriptedBreakerTransport(TimeProvider time, BreakerSettings settings) : IBreakerTransport
{
    private readonly Lock _gate = new();
    private readonly Channel<BreakerReport> _reports = Channel.CreateUnbounded<BreakerReport>();
    private readonly Channel<int> _asks = Channel.CreateUnbounded<int>();
    private readonly Channel<CallOutcome> _endedProbes = Channel.CreateUnbounded<CallOutcome>();
    private readonly long _startedAt = time.GetTimestamp();
    private BreakerCore _core = new();
    private IBreakerObserver? _observer;
    private volatile bool _isAway;
    private TaskCompletionSource _mayAnswer = Completed();
    private int _probesAsked;

    /// <summary>Answers what it knows, but can change nothing, as with storage that is read-only.</summary>
    public bool RefusesWrites { get; set; }

    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>How many of the next asks for a probe end in a fault, as with an activation that another has overtaken.</summary>
    public int FaultyAsks { get; set; }

    public int ProbesAsked => Volatile.Read(ref _probesAsked);

    public BreakerCircuit Circuit
    {
        get
        {
            lock (_gate)
            {
                return _core.Record.Cluster;
            }
        }
    }

    /// <summary>What the last subscription said that its process knows.</summary>
    public long VersionTold { get; private set; }

    public bool HasReport => _reports.Reader.TryPeek(out _);

    private TimeSpan Now => time.GetElapsedTime(_startedAt);

    /// <summary>From now on nobody gets an answer, nor a fault.</summary>
    public void HoldAnswers() => _mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetAnswersGo() => _mayAnswer.SetResult();

    /// <summary>The next report that was sent, whether answered or not.</summary>
    public Task<BreakerReport> NextReportAsync() => _reports.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Soon();

    /// <summary>Somebody asks for a probe.</summary>
    public Task NextAskAsync() => _asks.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Soon();

    /// <summary>How the next probe of the cluster's ended, once that is known to the cluster.</summary>
    public Task<CallOutcome> NextEndedProbeAsync() => _endedProbes.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Soon();

    /// <summary>Decides as if another process or a person had asked for it, and tells whoever has subscribed.</summary>
    public async Task DecideAsync(Func<BreakerCore, BreakerRecord> decide)
    {
        BreakerSnapshot snapshot;
        lock (_gate)
        {
            _core.Apply(decide(_core), settings, Now);
            snapshot = _core.Snapshot("", Now);
        }

        if (!IsAway && _observer is { } observer)
        {
            await observer.StateChangedAsync(snapshot);
        }
    }

    /// <summary>The grain is activated anew, with nothing but its record.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            var restored = new BreakerCore();
            restored.Restore(_core.Record, overrideFor: null, settings, Now);
            _core = restored;
        }
    }

    public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer)
    {
        (_observer, VersionTold) = (observer, version);
        return AnswerAsync(core => core.Record);
    }

    public Task<BreakerSnapshot> ReportAsync(BreakerReport report)
    {
        var answer = AnswerAsync(core => core.Count(report.Caller, report.Generation, report.Tally, settings, At(Now)));
        _reports.Writer.TryWrite(report);
        return answer;
    }

    public async Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings)
    {
        _asks.Writer.TryWrite(Interlocked.Increment(ref _probesAsked));
        if (FaultyAsks > 0)
        {
            FaultyAsks--;
            throw new InvalidOperationException("Another activation has written.");
        }

        var (permit, retryAfter) = (0L, TimeSpan.Zero);
        var snapshot = await AnswerAsync(core =>
        {
            (var next, permit, retryAfter) = core.AcquireProbe(caller, settings, At(Now));
            return next;
        });
        return new ProbeReply { PermitId = permit, RetryAfter = retryAfter, Snapshot = snapshot };
    }

    public async Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome)
    {
        var answer = await AnswerAsync(core => core.EndProbe(permitId, outcome, settings, At(Now)));
        _endedProbes.Writer.TryWrite(outcome);
        return answer;
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private async Task<BreakerSnapshot> AnswerAsync(Func<BreakerCore, BreakerRecord> decide)
    {
        await _mayAnswer.Task;
        if (IsAway)
        {
            throw new TimeoutException("The cluster is away.");
        }

        lock (_gate)
        {
            var next = decide(_core);
            if (RefusesWrites && !ReferenceEquals(next, _core.Record))
            {
                throw new InvalidOperationException("The storage is read-only.");
            }

            _core.Apply(next, settings, Now);
            return _core.Snapshot("", Now);
        }
    }
}
