using System.Diagnostics;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What becomes of a decision: it is written, and what it sets going is begun.</summary>
internal sealed partial class SagaGrain
{
    /// <summary>Begins a saga as far as is known.</summary>
    /// <returns>False: nothing was known, and there is one of the id. It has been read.</returns>
    private async Task<bool> TryBeginAsync(SagaDefinition definition, SagaStart start)
    {
        using var activity = SagaTelemetry.Started(_sagaId, definition, start.TraceParent);
        var traced = start with { TraceParent = activity?.Id ?? start.TraceParent };
        if (await TryCommitAsync(SagaRules.Start(definition, Record, traced, Moment(definition)), definition))
        {
            instruments.Started();
            LogStarted(_sagaId, definition.Name, definition.Version);
            return true;
        }

        SagaTelemetry.Withdraw(activity);
        return false;
    }

    private async Task CommitAsync(SagaDecision decision, SagaDefinition? definition)
    {
        if (!await TryCommitAsync(decision, definition))
        {
            throw new UnreachableException("Only a start decides before the record is known.");
        }
    }

    /// <summary>Announces, writes, begins what was decided, shows.</summary>
    /// <returns>False: nothing was known, and there is a record. It has been read.</returns>
    private async Task<bool> TryCommitAsync(SagaDecision decision, SagaDefinition? definition)
    {
        var before = Record;
        var next = decision.Record;
        if (ReferenceEquals(next, before))
        {
            LeaveUnlessActive(definition, next);
            ArmTimer(definition, next);
            return true;
        }

        var decidedAt = time.GetTimestamp();
        try
        {
            await AnnounceAsync(before, next, definition);
            if (_state.IsKnown)
            {
                await _state.WriteAsync(next);
            }
            else if (!await _state.TryCreateAsync(next))
            {
                // If what was announced has replaced the row, as it has while the record is the first one, the wake-up that it brings about mends that.
                _rowWakesAt = null;
                _slot?.Dispose();
                _slot = null;
                Publish(Record);
                return false;
            }
        }
        catch
        {
            // This activation ends, whichever of the two has failed: attempts were let go and a place taken for what is not written. Whoever waits here
            // would otherwise sit out the slice, and hold its end up for as long.
            DeactivateOnIdle();
            _turning.TrySetResult();
            throw;
        }

        foreach (var move in decision.Runs)
        {
            _attempts[(move.Step, move.Direction)] = runner.Start(_sagaId, definition!, next, move, decidedAt);
            Stay(definition!.Steps[move.Step].Timeout + options.Value.RecoveryInterval);
        }

        Publish(next);
        if (before.CompensationReason is null && next.CompensationReason is not null)
        {
            CancelActions();
        }

        LeaveUnlessActive(definition, next);
        ArmTimer(definition, next);
        await ShowAsync(before, next, definition);
        return true;
    }

    /// <summary>Each request replaces the one before, so it must not be a shorter one.</summary>
    private void Stay(TimeSpan duration)
    {
        var now = Now();
        _staysUntil = now + duration > _staysUntil ? now + duration : _staysUntil;
        DelayDeactivation(_staysUntil - now);
    }

    /// <summary>The saga turns round: what is still being done is asked to end.</summary>
    private void CancelActions()
    {
        foreach (var (_, attempt) in _attempts.Where(pair => pair.Key.Direction == SagaDirection.Action))
        {
            attempt.End();
        }
    }

    private void LeaveUnlessActive(SagaDefinition? definition, SagaRecord next)
    {
        if (_slot is not null && (definition is null || !SagaRules.IsActive(definition, next)))
        {
            _slot.Dispose();
            _slot = null;
        }
    }

    /// <summary>Only for what is due soon: the rest is for the catalog, which needs no activation for it.</summary>
    private void ArmTimer(SagaDefinition? definition, SagaRecord next)
    {
        _due?.Dispose();
        _due = null;
        if (definition is not null && SagaRules.NextDue(definition, next) is { } due && due - Now() <= options.Value.RecoveryInterval)
        {
            var delay = due - Now();
            _due = this.RegisterGrainTimer(
                _ => ResumeAsync(),
                new GrainTimerCreationOptions(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        }
    }

    private void Publish(SagaRecord next)
    {
        (_published, _publishedAt) = (next.Phase == SagaPhase.None ? null : next, time.GetTimestamp());
        if (SagaDescription.HasEnded(next))
        {
            _turning.TrySetResult();
        }
        else if (_turning.Task.IsCompleted)
        {
            _turning = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
