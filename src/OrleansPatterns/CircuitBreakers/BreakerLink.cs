using Microsoft.Extensions.Logging;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Brings what a process counts to the cluster, and what the cluster decides to the process.</summary>
internal sealed partial class BreakerLink(
    string name, string caller, IBreakerTransport transport, BreakerKnowledge knowledge, BreakerReporting reporting, BreakerSettings settings, ILogger logger)
{
    /// <summary>How long a lost push may stay unnoticed.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SubscriptionRenewal = TimeSpan.FromSeconds(20);

    private readonly Guid _epoch = Guid.NewGuid();

    // Of the one that runs this alone.
    private TimeSpan? _subscribedAt;
    private long _sequence;
    private BreakerReport? _unanswered;

    /// <summary>Until the process stops.</summary>
    public async Task RunAsync(IBreakerObserver observer, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await SubscribeAsync(observer);
                if (await reporting.WaitAsync(() => knowledge.View.Counts, knowledge.Changed, PollInterval, stopping))
                {
                    await FlushAsync();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    /// <summary>Subscribes if that is due. With the cluster away this asks whether it is back.</summary>
    public async Task SubscribeAsync(IBreakerObserver observer)
    {
        if (_subscribedAt is null || knowledge.IsAlone || knowledge.Now - _subscribedAt >= SubscriptionRenewal)
        {
            _subscribedAt = await TrySendAsync(() => transport.SubscribeAsync(caller, _epoch, observer)) ? knowledge.Now : null;
        }
    }

    /// <summary>Reports what was counted since the last time.</summary>
    public async Task FlushAsync()
    {
        var view = knowledge.View;
        var tally = view.Counts.Take();
        if (knowledge.IsAlone && _unanswered is null)
        {
            // The cluster was asked a moment ago, see SubscribeAsync. Generations made here mean nothing to it, so nothing of them is reported.
            knowledge.CountAlone(view, tally);
            return;
        }

        // A report without an answer is repeated as it is, so that it counts once; newer counts go with the next one. With the cluster away for
        // longer than a repetition they count for this process alone.
        var report = _unanswered ?? NewReport(view, tally);
        var isRepeated = _unanswered is not null;
        if (await TrySendAsync(() => transport.ReportAsync(report)))
        {
            _unanswered = null;
            if (isRepeated && tally.Calls > 0 && view.Generation == report.Generation)
            {
                var next = NewReport(view, tally);
                _unanswered = await TrySendAsync(() => transport.ReportAsync(next)) ? null : next;
            }

            return;
        }

        _unanswered = isRepeated || tally.Calls == 0 ? null : report;
        knowledge.CountAlone(view, tally);
    }

    public async Task<bool> TrySendAsync(Func<Task<BreakerSnapshot>> send)
    {
        try
        {
            knowledge.Take(await send(), isAnswer: true);
            return true;
        }
        catch (Exception exception)
        {
            NoteFault(exception);
            return false;
        }
    }

    public void NoteFault(Exception exception) => LogAlone(exception, name);

    private BreakerReport NewReport(BreakerView view, CallTally tally) => new()
    {
        Caller = caller,
        Epoch = _epoch,
        Sequence = ++_sequence,
        Generation = view.Generation,
        Version = knowledge.Version,
        Successes = tally.Successes,
        Failures = tally.Failures,
        SlowCalls = tally.SlowCalls,
        FailureRun = tally.FailureRun,
        Settings = settings,
    };

    [LoggerMessage(2002, LogLevel.Debug, "Breaker '{Breaker}' got no answer from the cluster; this process decides alone until it does.")]
    private partial void LogAlone(Exception exception, string breaker);
}
