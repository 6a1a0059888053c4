using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <summary>Keeps the locks of this process: renews them together, one call a silo, hears of breaks, and gives them back.</summary>
internal sealed partial class LockKeeper : ILockObserver, IDisposable
{
    /// <summary>How many renewals go into one call.</summary>
    private const int MaxBatch = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, HeldLock> _held = [];
    private readonly ILockTransport _transport;
    private readonly LockOptions _options;
    private readonly TimeSpan _attemptTimeout;
    private readonly LockInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<LockKeeper> _logger;
    private readonly ITimer _timer;
    private readonly LockReleases _releases;
    private readonly Lazy<ILockObserver> _reference;

    /// <summary>When the timer fires; nothing is due before.</summary>
    private long _firesAt = long.MaxValue;

    public LockKeeper(
        ILockTransport transport,
        IOptions<ClusterCallOptions> callOptions,
        IOptions<LockOptions> options,
        LockInstruments instruments,
        TimeProvider time,
        ILogger<LockKeeper> logger)
    {
        (_transport, _options, _instruments, _time, _logger) = (transport, options.Value, instruments, time, logger);
        _attemptTimeout = callOptions.Value.AttemptTimeout;
        _releases = new LockReleases(time);

        // Orleans makes no references while a grain's turn runs on the thread, and the first to ask may well be a grain.
        _reference = new(() => Blocking.Wait(() => Task.FromResult(transport.Reference(this))), LazyThreadSafetyMode.PublicationOnly);
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(
                static keeper => ((LockKeeper)keeper!).RenewDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>By this a grain reaches <see cref="BrokenAsync"/>.</summary>
    internal ILockObserver Reference => _reference.Value;

    public Task BrokenAsync(Guid requestId)
    {
        HeldLock? hold;
        lock (_gate)
        {
            _held.TryGetValue(requestId, out hold);
        }

        if (hold is not null)
        {
            Lose(hold, LockLossCause.Broken);
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Keeps a grant until it is released or lost; <see langword="null"/>: its lease is over already.</summary>
    /// <param name="grant">What was granted.</param>
    /// <param name="lease">For how long.</param>
    /// <param name="sentAt">Before the call was sent that was answered so.</param>
    internal HeldLock? TryKeep(LockGrant grant, TimeSpan lease, long sentAt)
    {
        if (HeldLock.TryStart(this, grant, lease, sentAt, _time) is not { } hold)
        {
            return null;
        }

        lock (_gate)
        {
            if (hold.IsLost)
            {
                // So long did it take to come here that its deadline has passed.
                return null;
            }

            _held.Add(grant.RequestId, hold);
            _instruments.Kept();
            Schedule(hold, After(sentAt, lease / 3));
            return hold;
        }
    }

    /// <summary>A hold goes on under another grant, that of its upgrade; <see langword="false"/>: it has ended.</summary>
    internal bool TryReplace(HeldLock hold, LockGrant grant, TimeSpan lease, long sentAt)
    {
        lock (_gate)
        {
            var before = hold.Grant.RequestId;
            if (!_held.ContainsKey(before) || !hold.TryReplace(grant, lease, sentAt))
            {
                return false;
            }

            _held.Remove(before);
            _held.Add(grant.RequestId, hold);
            Schedule(hold, After(sentAt, lease / 3));
            return true;
        }
    }

    /// <summary>Gives a lock back. Nobody waits for it: should it get lost, the next request for the same lock repeats it, or the lease ends.</summary>
    internal void Release(HeldLock hold)
    {
        Forget(hold);
        if (hold.TryEnd())
        {
            var grant = hold.Grant;
            if (!hold.WasLost)
            {
                _instruments.Released(hold);
            }

            var release = new LockRelease(grant.RequestId, grant.FencingToken);
            _releases.Add(grant.Key, release);
            _ = ReleaseAsync(grant.Key, release);
        }
    }

    /// <summary>Releases that the next request for the lock has to repeat, since it could overtake them.</summary>
    internal ImmutableArray<LockRelease> TakeReleases(string key) => _releases.Take(key);

    /// <summary>The lock must be taken for another's from now on.</summary>
    internal void Lose(HeldLock hold, LockLossCause cause)
    {
        Forget(hold);
        if (hold.TryLose())
        {
            _instruments.Lost(hold, cause);
            LogLost(hold.Grant.Key, hold.Grant.FencingToken);
        }
    }

    internal LockRenewal RenewalOf(LockGrant grant, TimeSpan heldFor) => new()
    {
        RequestId = grant.RequestId,
        FencingToken = grant.FencingToken,
        Proof = grant.Proof,
        Lease = _options.Lease,
        Owner = _options.Owner,
        Mode = grant.Mode,
        Permits = grant.Permits,
        HeldFor = heldFor,
        Observer = Reference,
    };

    private async Task ReleaseAsync(string key, LockRelease release)
    {
        try
        {
            await _transport.ReleaseAsync(key, release).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogNotReleased(exception, key, release.FencingToken);
        }
    }

    private void Forget(HeldLock hold)
    {
        lock (_gate)
        {
            if (_held.Remove(hold.Grant.RequestId))
            {
                _instruments.Forgotten();
            }
        }
    }

    /// <summary>Sends what is due, and what soon will be along with it.</summary>
    private void RenewDue()
    {
        List<HeldLock> due = [];
        lock (_gate)
        {
            _firesAt = long.MaxValue;
            var soon = After(_time.GetTimestamp(), _options.Lease / 20);
            foreach (var hold in _held.Values)
            {
                if (!hold.IsRenewing && hold.RenewAt <= soon)
                {
                    hold.IsRenewing = true;
                    due.Add(hold);
                }
            }

            foreach (var hold in _held.Values)
            {
                SetTimer(hold);
            }
        }

        foreach (var group in due.GroupBy(hold => hold.Silo))
        {
            // Those whose silo is not known go one by one, so that none depends on any other's silo.
            foreach (var holds in group.Chunk(group.Key is null ? 1 : MaxBatch))
            {
                _ = RenewAsync(group.Key, holds);
            }
        }

        foreach (var hold in due)
        {
            if (hold.WithdrawnUpgrade is { } upgrade)
            {
                _ = WithdrawAsync(hold, upgrade);
            }
        }
    }

    /// <summary>Repeats a withdrawal that nobody has answered: the renewals would keep an upgrade alive that its holder does not know of.</summary>
    private async Task WithdrawAsync(HeldLock hold, LockUpgrade upgrade)
    {
        try
        {
            await _transport.CancelAsync(hold.Grant.Key, upgrade.RequestId).WaitAsync(_attemptTimeout, _time).ConfigureAwait(false);
            hold.WithdrawnUpgrade = null;
        }
        catch (Exception exception)
        {
            LogNotWithdrawn(exception, hold.Grant.Key);
        }
    }

    private async Task RenewAsync(string? silo, HeldLock[] holds)
    {
        var sentAt = _time.GetTimestamp();
        ImmutableArray<LockRenewalReply> replies = [];
        try
        {
            var grants = Array.ConvertAll(holds, hold => new RelayedRenewal(hold.Grant.Key, RenewalOf(hold.Grant, hold.HeldFor)));

            // One attempt without an answer must leave time for another before the lease is over.
            var third = holds.Min(hold => hold.Lease) / 3;
            replies = await _transport.RenewAsync(silo, [.. grants])
                .WaitAsync(third < _attemptTimeout ? third : _attemptTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Without an answer a hold is unknown, not lost: only its deadline or an explicit answer ends it.
            _instruments.RenewalFailed(holds.Length);
            LogRenewalFailed(exception, holds.Length, holds[0].Grant.Key);
        }

        for (var index = 0; index < holds.Length; index++)
        {
            Conclude(holds[index], index < replies.Length ? replies[index] : new LockRenewalReply { Outcome = RenewOutcome.Unknown }, sentAt);
        }
    }

    private void Conclude(HeldLock hold, LockRenewalReply reply, long sentAt)
    {
        if (reply.Outcome == RenewOutcome.NotHolder)
        {
            Lose(hold, LockLossCause.PassedOn);
            return;
        }

        var isRenewed = reply.Outcome == RenewOutcome.Renewed && hold.TryExtend(_options.Lease, sentAt);
        lock (_gate)
        {
            hold.IsRenewing = false;
            hold.Silo = isRenewed ? reply.Silo : null;
            if (_held.ContainsKey(hold.Grant.RequestId))
            {
                Schedule(hold, isRenewed ? After(sentAt, _options.Lease / 3) : After(_time.GetTimestamp(), hold.Lease / 15));
            }
        }
    }

    /// <summary>Called with the gate held.</summary>
    private void Schedule(HeldLock hold, long renewAt)
    {
        hold.RenewAt = renewAt;
        SetTimer(hold);
    }

    private void SetTimer(HeldLock hold)
    {
        if (hold.IsRenewing || hold.RenewAt >= _firesAt)
        {
            return;
        }

        _firesAt = hold.RenewAt;
        var due = _time.GetElapsedTime(_time.GetTimestamp(), _firesAt);
        _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private long After(long timestamp, TimeSpan duration) =>
        timestamp + (long)(duration.TotalSeconds * _time.TimestampFrequency);
}
