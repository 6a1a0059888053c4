namespace OrleansPatterns.CircuitBreakers;

/// <summary>How a process asks for probes: one call at a time, and none before the time that the cluster named. A stampede of probes would be one of messages.</summary>
internal sealed class BreakerProbing(
    string caller, IBreakerTransport transport, BreakerLink link, BreakerKnowledge knowledge, BreakerSettings settings, TimeSpan interval,
    BreakerInstruments instruments, TimeProvider time)
{
    private readonly Lock _gate = new();
    private bool _isAsking;
    private TimeSpan _askAt;

    /// <summary>When to ask again, for a call that got no permit. Never negative.</summary>
    public TimeSpan AskAgainIn()
    {
        lock (_gate)
        {
            var left = _askAt - knowledge.Now;
            return left > TimeSpan.Zero ? left : interval;
        }
    }

    /// <param name="within">For how long to wait for the cluster, which is away then.</param>
    /// <returns><see langword="null"/>: no probe now.</returns>
    public async Task<ProbePermit?> TryAcquireAsync(TimeSpan within)
    {
        lock (_gate)
        {
            if (_isAsking || knowledge.Now < _askAt)
            {
                return null;
            }

            _isAsking = true;
        }

        var retryAfter = TimeSpan.Zero;
        try
        {
            if (!knowledge.IsAlone && await AskAsync(within) is { } reply)
            {
                knowledge.Take(reply.Snapshot, isAnswer: true);
                retryAfter = reply.RetryAfter;
                return reply.PermitId == 0 ? null : new ProbePermit(reply.PermitId, IsAlone: false);
            }

            return knowledge.AcquireProbeAlone() is not 0 and var own ? new ProbePermit(own, IsAlone: true) : null;
        }
        finally
        {
            lock (_gate)
            {
                (_isAsking, _askAt) = (false, knowledge.Now + retryAfter);
            }
        }
    }

    public async Task EndAsync(ProbePermit permit, CallOutcome outcome)
    {
        instruments.Probed(outcome);
        if (permit.IsAlone)
        {
            knowledge.EndProbeAlone(permit.Id, outcome);
        }
        else
        {
            // Without an answer the permit lapses, and the next probe decides.
            await link.TrySendAsync(() => transport.ReportProbeAsync(caller, permit.Id, outcome));
        }

        lock (_gate)
        {
            // The next probe may begin. Only callers that always give up must not make a message of each attempt.
            _askAt = outcome == CallOutcome.Cancelled ? knowledge.Now + interval : TimeSpan.Zero;
        }
    }

    /// <returns><see langword="null"/>: the cluster is away.</returns>
    private async Task<ProbeReply?> AskAsync(TimeSpan within)
    {
        var asking = AskTwiceAsync();
        try
        {
            return await asking.WaitAsync(within > TimeSpan.Zero ? within : TimeSpan.Zero, time);
        }
        catch (Exception exception)
        {
            knowledge.NoteFault(exception);
            if (!asking.IsFaulted)
            {
                GiveBackAsync(asking).Ignore();
            }

            return null;
        }
    }

    /// <summary>Asks once more if the answer is a fault: an activation that another has overtaken knows it only by its write, and the next one will do.</summary>
    private async Task<ProbeReply> AskTwiceAsync()
    {
        try
        {
            return await transport.TryAcquireProbeAsync(caller, knowledge.Version, settings);
        }
        catch (Exception exception) when (exception is not TimeoutException)
        {
            knowledge.NoteFault(exception);
            return await transport.TryAcquireProbeAsync(caller, knowledge.Version, settings);
        }
    }

    /// <summary>A permit that comes after its call has gone its way would keep all others waiting for a whole lease.</summary>
    private async Task GiveBackAsync(Task<ProbeReply> asking)
    {
        if (await asking is { PermitId: not 0 and var late })
        {
            await EndAsync(new ProbePermit(late, IsAlone: false), CallOutcome.Cancelled);
        }
    }
}
