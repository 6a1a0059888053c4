using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What the grain hears from within: from attempts, wake-ups, parents and children.</summary>
internal sealed partial class SagaGrain
{
    public async Task<SagaRecord> GetRecordAsync()
    {
        if (IsFresh)
        {
            // Also what another activation has written, if this one is about to end.
            return _published!;
        }

        if (_published is null)
        {
            await ReadAsync();
            return Record;
        }

        try
        {
            var stored = await _state.PeekAsync();
            if (stored.Revision != Record.Revision)
            {
                Leave(stored);
                return stored;
            }

            _publishedAt = time.GetTimestamp();
        }
        catch (Exception exception)
        {
            // A query must not end what runs here because the database does not answer: it is told what is known.
            LogNotReadAgain(exception, _sagaId);
        }

        return Record;
    }

    public async Task CompleteAttemptAsync(SagaAttemptReport report)
    {
        await ReadAsync();
        if (!SagaRules.IsOpen(Record, report.Step, report.Direction, report.Attempt))
        {
            return;
        }

        // Over for this activation, although its runner still waits for this call to return.
        _attempts.Remove((report.Step, report.Direction));
        await CommitAsync(
            Decide((definition, current, moment) => SagaRules.Complete(definition, current, report, moment)), Definition);
    }

    public async Task<bool> ConfirmAttemptAsync(int step, SagaDirection direction, int attempt)
    {
        var remembered = _state.IsKnown ? Record : null;
        _state.Forget();
        try
        {
            await ReadAsync();
        }
        catch
        {
            // What is read next may be another activation's, and what this one knows besides the record would not fit it.
            DeactivateOnIdle();
            throw;
        }

        if (remembered is not null && remembered.Revision != Record.Revision)
        {
            // Another activation has written: this one knows nothing of what runs there.
            DeactivateOnIdle();
        }

        return SagaRules.IsOpen(Record, step, direction, attempt);
    }

    public Task ProceedAsync() => ResumeAsync();

    public async Task ChildEndedAsync(string stepName, SagaPhase phase, string dataJson, string? reason)
    {
        await ReadAsync();
        await CommitAsync(
            Decide((definition, current, moment) => SagaRules.ChildEnded(definition, current, stepName, phase, dataJson, reason, moment)),
            Definition);
        if (SagaRules.IsAwaitingChild(Record, stepName))
        {
            // Not noted: the child has to say it again.
            throw new InvalidOperationException($"Saga '{_sagaId}' cannot take the end of its child '{stepName}': {Record.StuckReason}");
        }
    }

    public async Task<SagaUndoReply> UndoAsync(SagaParent parent, string definition)
    {
        await ReadAsync();
        var own = Definition;
        var (decision, reply) = SagaRules.Undo(Registered, Record, parent, definition, Moment(own));
        if (own is null)
        {
            DeactivateOnIdle();
        }

        await CommitAsync(decision, own);
        return reply;
    }

    public async Task WakeAsync()
    {
        // Taken just now, it comes due again by itself before long; but this may also be a late repetition, of a row that says something else by now.
        _rowWakesAt = null;
        await ReadAsync();
        if (Record.Phase == SagaPhase.None)
        {
            await CommitAsync(SagaRules.Abandon(Record, Moment(definition: null)), definition: null);

            // A start that comes now has to announce itself again, under a higher version than is removed.
            await catalog.RemoveAsync(PatternNames.Saga, _sagaId, Record.Revision);
            return;
        }

        if (Record.IsFinal)
        {
            await ForgetOrTellAsync();
            return;
        }

        var found = Record;
        await ResumeAsync();
        if (ReferenceEquals(found, Record) && !(WakeIn(found, Definition) <= options.Value.RecoveryInterval))
        {
            // The row may be the announcement of a write that is still under way in another activation, and is about to be taken back.
            await CommitAsync(SagaRules.Abandon(found, Moment(Definition)), Definition);
        }

        if (!Record.IsFinal && (_rowWakesAt is null || !IsAtWork(Record, Definition)))
        {
            // An end has been shown, and is due again soon if the parent has not heard of it. What was begun has been announced.
            await WriteRowAsync(Record, Definition);
        }
    }

    private async Task ResumeAsync()
    {
        _due?.Dispose();
        _due = null;
        await ReadAsync();
        if (Record is { Phase: SagaPhase.Running or SagaPhase.Compensating } or { IsAwaitingDefinition: true })
        {
            await CommitAsync(
                Decide((definition, current, moment) => SagaRules.Resume(definition, current, IsAlive, moment)), Definition);
        }

        if (Record.IsAwaitingDefinition)
        {
            // Perhaps another silo has it: the next wake-up makes an activation anywhere.
            DeactivateOnIdle();
        }
    }

    /// <summary>A saga that has been at its end for long enough goes; one that is a step of another tells that one, in case it has not heard.</summary>
    private async Task ForgetOrTellAsync()
    {
        var isHeard = await TryTellParentAsync();
        if (!isHeard || Now() < Record.EndedAt + options.Value.Retention || await IsNeededByParentAsync())
        {
            if (Record.Parent is not null)
            {
                // A child may be turned round: the row may be the announcement of that.
                await CommitAsync(SagaRules.Abandon(Record, Moment(Definition)), Definition);
            }

            var left = WakeIn(Record, Definition);
            await WriteRowAsync(Record, Definition, !isHeard ? AgainIn : left > TimeSpan.Zero ? left : StillNeededIn);
            return;
        }

        // The row first: the next saga of this id begins to count anew, and a row that is left would outrank its own.
        DeactivateOnIdle();
        await catalog.RemoveAsync(PatternNames.Saga, _sagaId, Record.Revision);
        await _state.ClearAsync();
        LogForgotten(_sagaId);
    }

    /// <summary>A child must be there as long as its parent may have to undo it.</summary>
    private async Task<bool> IsNeededByParentAsync() =>
        Record.Parent is { } parent && await GrainFactory.GetSagaGrain(parent.SagaId).GetStatusAsync() is { EndedAt: null };

    /// <summary>Whether the saga that this one is a step of, if any, has heard of its end.</summary>
    private async Task<bool> TryTellParentAsync()
    {
        try
        {
            await TellParentAsync();
            return true;
        }
        catch (Exception exception)
        {
            LogParentNotTold(exception, _sagaId, Record.Parent!.SagaId);
            return false;
        }
    }

    /// <summary>May be repeated: a step takes the end of its child once.</summary>
    private async Task TellParentAsync()
    {
        if (Record is { IsFinal: true, Parent: { } parent })
        {
            var grain = GrainFactory.GetSagaAttempts(parent.SagaId);
            await grain.ChildEndedAsync(
                parent.StepName,
                Record.Phase,
                Record.DataJson,
                Record.StuckReason ?? Record.CompensationReason);
        }
    }
}
