using Orleans.Storage;
using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <content>The claim by which this activation speaks for the lock: how it is written, lost, and passed on.</content>
internal sealed partial class LockGrain
{
    /// <summary>How long a background write that failed waits before the next; callers' own attempts do not wait.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>A database that slow is away; and the cluster's clock watches only so far back for steps.</summary>
    private static readonly TimeSpan MaxSlack = TimeSpan.FromSeconds(30);

    /// <summary>The latest write; at most one is under way.</summary>
    private Task _write = Task.CompletedTask;

    /// <summary>What a write said whose outcome is unknown: it may have landed.</summary>
    private LockRecord? _unsure;

    /// <summary>After a background write has failed: no other before this.</summary>
    private TimeSpan _aheadFrom;

    /// <summary>Replaced, or handed on: this activation speaks for the lock no more.</summary>
    private bool _isRetired;

    /// <summary>What is still to be told to the activation that has taken this one's place.</summary>
    private LockRecord? _legacy;

    public Task TakeOverAsync(LockRecord legacy)
    {
        if (!_isRetired && LockAdoption.TakeOver(_state, legacy, Now) is var next && !ReferenceEquals(next, _state))
        {
            LogTakenOver(_key, next.Holders.Length);
            Publish(next);
        }

        return Task.CompletedTask;
    }

    /// <summary>Moves the claim up while the lock is busy, so that no caller has to wait for it.</summary>
    private void WriteAheadIfDue()
    {
        var now = Now;
        if (_write.IsCompleted && now >= _aheadFrom && LockClaims.IsDueAhead(_state, now, _terms))
        {
            _ = WriteAheadAsync();
        }
    }

    private async Task WriteAheadAsync()
    {
        try
        {
            await WriteAsync();
        }
        catch (Exception exception) when (!_isRetired)
        {
            _aheadFrom = Now + RetryDelay;
            LogNotWritten(exception, _key);
        }
        catch (InconsistentStateException)
        {
            // Said already. Nobody waits for this write.
        }
    }

    /// <summary>Writes the claim, or waits for the write that is under way.</summary>
    /// <param name="decided">A state that holds only if it is written; <see langword="null"/>: the state as it is.</param>
    private Task WriteAsync(LockState? decided = null) => _write.IsCompleted ? _write = WriteOnceAsync(decided) : _write;

    private async Task WriteOnceAsync(LockState? decided)
    {
        var moment = Moment;
        var next = LockClaims.Next(decided ?? _state, moment, _terms, Guid.NewGuid());
        await StoreAsync(next);

        // A database that took that long may take as long the next time.
        var slack = 4 * (Now - moment.Now);
        _terms = _terms with { Slack = slack > MaxSlack ? MaxSlack : slack > options.Value.GrantHorizon ? slack : options.Value.GrantHorizon };
        var written = LockClaims.Written(decided ?? _state, next, moment.Now);
        foreach (var holder in written.Holders.Where(holder => holder.EndsAt <= moment.Now))
        {
            instruments.Expired();
            LogExpired(_key, holder.Owner, holder.Id.Token);
        }

        Publish(_terms.IsWriteThrough ? written : LockQueue.Settle(written, Now, _terms).State);
    }

    /// <exception cref="InconsistentStateException">Another activation has written since: this one is over.</exception>
    /// <exception cref="LockUnavailableException">The outcome is unknown; what was claimed before still is.</exception>
    private async Task StoreAsync(LockRecord next)
    {
        try
        {
            await FindOutAsync();
            record.State = next;
            _unsure = next;
            await record.WriteStateAsync(CancellationToken.None);
            _unsure = null;
        }
        catch (InconsistentStateException)
        {
            // By Orleans' default directory also when a silo stops in order: while its part of the directory moves, keys that it has are not found.
            LogReplaced(_key);
            _legacy = _terms.IsWriteThrough ? null : LockClaims.Legacy(_state, Moment);
            Retire();
            throw;
        }
        catch (Exception exception)
        {
            if (_terms.IsWriteThrough)
            {
                // What was decided may be durable although nobody has heard of it, so memory is no longer known to be true.
                Retire();
            }

            throw new LockUnavailableException(_key, "its record could not be written.", exception);
        }
    }

    /// <summary>After a write with an unknown outcome: whether it landed, did not, or another activation's did.</summary>
    private async Task FindOutAsync()
    {
        if (_unsure is not { } attempted)
        {
            return;
        }

        await record.ReadStateAsync(CancellationToken.None);
        if (record.State.WriteId != _state.Record.WriteId && record.State.WriteId != attempted.WriteId)
        {
            throw new InconsistentStateException($"Lock '{_key}' has been taken over by another activation.");
        }

        // By this the next one whose outcome is unknown is told from another activation's.
        _state = _state with { Record = _state.Record with { WriteId = record.State.WriteId } };
        _unsure = null;
    }

    private void Retire()
    {
        _isRetired = true;
        foreach (var signal in _parked.Values)
        {
            signal.TrySetResult();
        }

        _parked.Clear();
        DeactivateOnIdle();
    }

    private void ThrowIfRetired()
    {
        if (_isRetired)
        {
            throw new InconsistentStateException($"Lock '{_key}' is no longer spoken for by this activation. Ask again.");
        }
    }
}
