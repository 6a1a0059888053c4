namespace OrleansPatterns.Locks;

/// <summary>A hold, counted by its holder's own clock.</summary>
/// <remarks>
/// The lease counts from before the sending of the last call that was answered by a grant or renewal. Another holder is possible from its end
/// on and not before, so the hold is given up a little earlier, by a timer that knows of nothing but that count.
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The token is the user's for as long as it likes; a source without a timer holds nothing to dispose.")]
internal sealed class HeldLock
{
    private readonly Lock _gate = new();
    private readonly LockKeeper _keeper;
    private readonly TimeProvider _time;
    private readonly ITimer _lossTimer;
    private readonly long _heldSince;

    private CancellationTokenSource? _lost;
    private LockGrant _grant;
    private LockUpgrade? _withdrawnUpgrade;
    private TimeSpan _lease;
    private long _countsFrom;
    private State _state = State.Held;

    private HeldLock(LockKeeper keeper, LockGrant grant, TimeSpan lease, long sentAt, TimeProvider time)
    {
        (_keeper, _grant, _lease, _countsFrom, _heldSince, _time) = (keeper, grant, lease, sentAt, sentAt, time);
        _lossTimer = time.CreateTimer(
            static hold => ((HeldLock)hold!).LoseAtDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum State
    {
        Held = 1,
        Lost = 2,
        Released = 3,
    }

    internal LockGrant Grant => Volatile.Read(ref _grant);

    internal TimeSpan HeldFor => _time.GetElapsedTime(_heldSince);

    /// <summary>Where the lock was last heard of.</summary>
    internal string? Silo { get; set; }

    /// <summary>The keeper's: when to renew next, as a timestamp.</summary>
    internal long RenewAt { get; set; }

    /// <summary>The keeper's: whether a renewal is under way.</summary>
    internal bool IsRenewing { get; set; }

    /// <summary>A request for its upgrade whose withdrawal nobody has answered yet.</summary>
    internal LockUpgrade? WithdrawnUpgrade
    {
        get => Volatile.Read(ref _withdrawnUpgrade);
        set => Volatile.Write(ref _withdrawnUpgrade, value);
    }

    /// <summary>The lease that is counted now.</summary>
    internal TimeSpan Lease
    {
        get
        {
            lock (_gate)
            {
                return _lease;
            }
        }
    }

    internal bool IsLost => Is(State.Lost);

    internal bool IsReleased => Is(State.Released);

    /// <summary>Whether it was lost before it was released, or is. True for good once it is.</summary>
    internal bool WasLost { get; private set; }

    /// <summary>Made when it is first asked for: most holds end before anybody does.</summary>
    internal CancellationToken LostToken
    {
        get
        {
            lock (_gate)
            {
                if (_lost is null)
                {
                    _lost = new CancellationTokenSource();
                    if (_state == State.Lost)
                    {
                        _lost.Cancel();
                    }
                }

                return _lost.Token;
            }
        }
    }

    /// <summary>Begins to count a grant, or answers <see langword="null"/> when its lease is over already.</summary>
    internal static HeldLock? TryStart(LockKeeper keeper, LockGrant grant, TimeSpan lease, long sentAt, TimeProvider time)
    {
        // The timer lives longer than the caller's call: neither its trace nor its grain's call chain is the timer's.
        var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        try
        {
            var hold = new HeldLock(keeper, grant, lease, sentAt, time);
            if (hold.TryExtend(lease, sentAt))
            {
                return hold;
            }

            hold._lossTimer.Dispose();
            return null;
        }
        finally
        {
            flow?.Undo();
        }
    }

    /// <summary>How long after the sending a hold is given up: early enough for the code under it to stop while the lease still lasts.</summary>
    internal static TimeSpan LossAfter(TimeSpan lease) => lease - TimeSpan.FromMilliseconds(Math.Min(500, lease.TotalMilliseconds * 0.05));

    /// <summary>
    /// Counts <paramref name="lease"/> from <paramref name="sentAt"/>. Not if it is over by the old count: past it another may hold the lock,
    /// whatever this answer says.
    /// </summary>
    internal bool TryExtend(TimeSpan lease, long sentAt)
    {
        lock (_gate)
        {
            var remaining = UntilLoss(_lease, _countsFrom);
            if (_state != State.Held || remaining <= TimeSpan.Zero)
            {
                return false;
            }

            // An answer that is late, or to a shorter lease, takes nothing back.
            var extended = UntilLoss(lease, sentAt);
            if (extended > remaining)
            {
                (_lease, _countsFrom, remaining) = (lease, sentAt, extended);
            }

            _lossTimer.Change(remaining, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    /// <summary>The same hold under another grant, from now on.</summary>
    internal bool TryReplace(LockGrant grant, TimeSpan lease, long sentAt)
    {
        if (!TryExtend(lease, sentAt))
        {
            return false;
        }

        Volatile.Write(ref _grant, grant);
        return true;
    }

    /// <summary>Ends the hold in this process. <see langword="false"/>: it had ended already.</summary>
    internal bool TryEnd()
    {
        lock (_gate)
        {
            if (_state == State.Released)
            {
                return false;
            }

            _state = State.Released;
        }

        _lossTimer.Dispose();
        return true;
    }

    /// <summary>The lock must be taken for another's.</summary>
    internal bool TryLose()
    {
        lock (_gate)
        {
            if (_state != State.Held)
            {
                return false;
            }

            _state = State.Lost;
            WasLost = true;

            // Cancelled from here on; its callbacks, which may be foreign code, run on the thread pool.
            _ = _lost?.CancelAsync();
            return true;
        }
    }

    private bool Is(State state)
    {
        lock (_gate)
        {
            return _state == state;
        }
    }

    private TimeSpan UntilLoss(TimeSpan lease, long countsFrom) => LossAfter(lease) - _time.GetElapsedTime(countsFrom);

    private void LoseAtDeadline()
    {
        lock (_gate)
        {
            if (_state != State.Held)
            {
                return;
            }

            if (UntilLoss(_lease, _countsFrom) is var remaining && remaining > TimeSpan.Zero)
            {
                // Extended while the timer was firing, or the timer was early.
                _lossTimer.Change(remaining, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _keeper.Lose(this, LockLossCause.Expired);
    }
}
