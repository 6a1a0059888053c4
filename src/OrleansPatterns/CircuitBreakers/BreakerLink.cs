using Microsoft.Extensions.Logging;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Brings what a process counts to the cluster, and what the cluster decides to the process.</summary>
internal sealed partial class BreakerLink(
    string name, string caller, IBreakerTransport transport, BreakerKnowledge knowledge, BreakerReporting reporting, BreakerSettings settings,
    BreakerInstruments instruments, TimeProvider time, ILogger logger)
{
    /// <summary>How long a lost push may stay unnoticed.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SubscriptionRenewal = TimeSpan.FromSeconds(20);

    /// <summary>How late a count may reach the cluster and still count as one of then.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly Guid _epoch = Guid.NewGuid();

    // Of the one that runs this alone.
    private TimeSpan? _subscribedAt;
    private long _sequence;
    private BreakerReport? _unanswered;
    private TimeSpan _unansweredSince;
    private (long Generation, CallTally Tally) _untold;
    private TimeSpan _untoldSince;

    /// <summary>Until the process stops.</summary>
    public async Task RunAsync(IBreakerObserver observer, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await TakeTurnAsync(observer, stopping);
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    /// <summary>Subscribes if that is due. With the cluster away this asks whether it is back.</summary>
    public async Task SubscribeAsync(IBreakerObserver observer)
    {
        if (_subscribedAt is null || knowledge.IsAlone || knowledge.Now - _subscribedAt >= SubscriptionRenewal)
        {
            _subscribedAt = await TrySendAsync(() => transport.SubscribeAsync(caller, _epoch, knowledge.Version, observer)) ? knowledge.Now : null;
        }
    }

    /// <summary>Reports what was counted since the last time.</summary>
    /// <remarks>
    /// A report without an answer is repeated as it is, so that it counts once, and what is counted meanwhile is kept for the next one. Both also
    /// count for this process alone, which decides by them while the cluster is away.
    /// </remarks>
    public async Task FlushAsync()
    {
        var view = knowledge.View;
        var tally = view.Counts.Take();
        instruments.Counted(tally);
        Keep(view, tally);
        if ((knowledge.IsAlone && _unanswered is null) || !await ReportAsync())
        {
            // The cluster was asked just now, or a moment ago: see SubscribeAsync.
            knowledge.CountAlone(view, tally);
        }
    }

    /// <summary>Whatever throws here is others' code, such as a logging provider, and must not end the reports of this process for good.</summary>
    private async Task TakeTurnAsync(IBreakerObserver observer, CancellationToken stopping)
    {
        try
        {
            await SubscribeAsync(observer);
            await reporting.WaitAsync(() => knowledge.View.Counts, PollInterval, stopping);
            await FlushAsync();
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            await Task.Delay(PollInterval, time, stopping);
            TryLog(exception);
        }
    }

    private void TryLog(Exception exception)
    {
        try
        {
            LogTurnFailed(exception, name);
        }
        catch
        {
            // It was the log that failed.
        }
    }

    /// <summary>Adds to what the cluster has not heard of yet. What is too old says nothing about now, and what was counted after a decision of this process alone nothing to others.</summary>
    private void Keep(BreakerView view, CallTally tally)
    {
        if (knowledge.Now - _unansweredSince > Freshness)
        {
            _unanswered = null;
        }

        if (_untold.Generation != view.Generation || knowledge.Now - _untoldSince > Freshness)
        {
            _untold = (view.Generation, default);
        }

        if (tally.Calls > 0 && !view.IsDecidedAlone)
        {
            _untoldSince = _untold.Tally.Calls == 0 ? knowledge.Now : _untoldSince;
            _untold.Tally = _untold.Tally.Then(tally);
        }
    }

    private async Task<bool> ReportAsync()
    {
        if (_unanswered is { } repeated)
        {
            if (!await TrySendAsync(() => transport.ReportAsync(repeated)))
            {
                return false;
            }

            _unanswered = null;
            if (_untold.Tally.Calls == 0)
            {
                return true;
            }
        }

        var report = NewReport(_untold.Generation, _untold.Tally);
        _untold.Tally = default;
        if (await TrySendAsync(() => transport.ReportAsync(report)))
        {
            return true;
        }

        (_unanswered, _unansweredSince) = (report.Tally.Calls == 0 ? null : report, knowledge.Now);
        return false;
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
            knowledge.NoteFault(exception);
            return false;
        }
    }

    private BreakerReport NewReport(long generation, CallTally tally) => new()
    {
        Caller = caller,
        Epoch = _epoch,
        Sequence = ++_sequence,
        Generation = generation,
        Version = knowledge.Version,
        Successes = tally.Successes,
        Failures = tally.Failures,
        SlowCalls = tally.SlowCalls,
        FailureRun = tally.FailureRun,
        Settings = settings,
    };

    [LoggerMessage(2006, LogLevel.Error, "Breaker '{Breaker}' failed to report or to hear; it goes on.")]
    private partial void LogTurnFailed(Exception exception, string breaker);
}
