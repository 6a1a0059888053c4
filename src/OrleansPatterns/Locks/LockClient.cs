using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Locks;

/// <summary>Asks for locks of every mode, and waits for them.</summary>
/// <remarks>
/// A timeout bounds the waiting for <em>other holders</em>. When the cluster does not answer it is not known whether there are any, so then a
/// call ends with <see cref="LockUnavailableException"/> after <see cref="ClusterCallOptions.RetryFor"/>, and never with
/// <see langword="null"/>. A request that timed out, was cancelled or failed is withdrawn; should that fail too, its place in the queue or its
/// grant lapses.
/// </remarks>
internal sealed partial class LockClient(
    ILockTransport transport,
    LockKeeper keeper,
    ClusterCaller caller,
    IOptions<ClusterCallOptions> callOptions,
    IOptions<LockOptions> options,
    LockInstruments instruments,
    TimeProvider time,
    ILogger<LockClient> logger)
{
    /// <summary>How long a withdrawal is repeated before it is left to lapse: nobody should hang because the cluster is away.</summary>
    private static readonly TimeSpan WithdrawalBudget = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WithdrawalAttempt = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How much of a provisional grant has to be left for its holder to begin at once. It confirms while it works; with less it confirms first.
    /// </summary>
    private static readonly TimeSpan EnoughToBegin = TimeSpan.FromSeconds(1);

    /// <summary>How long an upgrade waits for its reader's hold to become known to a silo that has taken the lock over.</summary>
    private static readonly TimeSpan UpgradeRetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly LockOptions _options = options.Value;

    internal LockKeeper Keeper => keeper;

    /// <summary>The hold, or <see langword="null"/> when others held the lock for the whole timeout.</summary>
    /// <param name="ask">What is wanted.</param>
    /// <param name="timeout">How long to wait for others.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="reader">The upgradeable read that is to become the writer, and then is the hold that is returned.</param>
    internal async Task<HeldLock?> AcquireAsync(LockAsk ask, TimeSpan timeout, CancellationToken cancellationToken, HeldLock? reader = null)
    {
        var requestId = Guid.NewGuid();
        var startedAt = time.GetTimestamp();
        var outcome = LockAcquireOutcome.Fault;
        HeldLock? hold = null;
        using var activity = LockTelemetry.Acquire(ask);
        instruments.Asked();
        try
        {
            hold = await AskAsync(ask, requestId, startedAt, timeout, reader, cancellationToken);
            outcome = hold is null ? LockAcquireOutcome.TimedOut : LockAcquireOutcome.Acquired;
            return hold;
        }
        catch (LockKindException exception)
        {
            // By the name that the caller knows, and not by the key that may have been made of it.
            activity.Fail(exception);
            throw new LockKindException(ask.Name, exception.PermitsInUse, exception.PermitsAskedFor);
        }
        catch (ClusterUnavailableException exception)
        {
            outcome = LockAcquireOutcome.Unavailable;
            activity.Fail(exception);
            await WithdrawAsync(ask, requestId, reader);
            throw new LockUnavailableException(
                ask.Name, $"no answer from the cluster within {exception.TriedFor.TotalSeconds:0.#} s ({exception.InnerException?.Message}).", exception);
        }
        catch (Exception exception)
        {
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                outcome = LockAcquireOutcome.Cancelled;
            }
            else
            {
                activity.Fail(exception);
            }

            await WithdrawAsync(ask, requestId, reader);
            throw;
        }
        finally
        {
            instruments.Answered(ask.Mode, outcome, time, startedAt);
            LockTelemetry.Ended(activity, outcome, hold);
        }
    }

    private async Task<HeldLock?> AskAsync(
        LockAsk ask, Guid requestId, long startedAt, TimeSpan timeout, HeldLock? reader, CancellationToken cancellationToken)
    {
        var request = new LockRequest
        {
            RequestId = requestId,
            Owner = _options.Owner,
            Lease = _options.Lease,
            Mode = ask.Mode,
            Permits = ask.Permits,
            Observer = keeper.Reference,
            Upgrades = reader?.Grant.RequestId ?? Guid.Empty,
            Releases = keeper.TakeReleases(ask.Key),
        };
        while (true)
        {
            var remaining = Remaining(startedAt, timeout);
            var slice = remaining < LockBounds.WaitSlice ? remaining : LockBounds.WaitSlice;

            // Of all attempts only the last one's answer is ever used, so its sending is what counts.
            var sentAt = startedAt;
            var reply = await caller.CallAsync(
                "acquire lock",
                _ =>
                {
                    sentAt = time.GetTimestamp();
                    return transport.AcquireAsync(ask.Key, request with { WaitFor = slice, WaitedFor = time.GetElapsedTime(startedAt, sentAt) });
                },
                cancellationToken,
                slice + callOptions.Value.AttemptTimeout);
            if (reply.Outcome == LockOutcome.Granted && await KeepAsync(ask, requestId, reply, sentAt, reader, cancellationToken) is { } hold)
            {
                return hold;
            }

            ThrowIfEnded(ask, reader, request.Upgrades);
            if (reply.Outcome == LockOutcome.Busy)
            {
                if (reader is null)
                {
                    return null;
                }

                // The silo may have taken the lock over and not heard of the reader yet.
                await Task.Delay(UpgradeRetryDelay, time, cancellationToken);
            }

            if (Remaining(startedAt, timeout) <= TimeSpan.Zero)
            {
                await WithdrawAsync(ask, requestId, reader);
                return null;
            }

            // Still time left: the slice is over, the silo crashed, or an answer came so late that its lease was over. Asking again under the
            // same id gets the same place in the queue.
        }
    }

    private TimeSpan Remaining(long startedAt, TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return TimeSpan.MaxValue;
        }

        var remaining = timeout - time.GetElapsedTime(startedAt);
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    private async Task<HeldLock?> KeepAsync(
        LockAsk ask, Guid requestId, LockReply reply, long sentAt, HeldLock? reader, CancellationToken cancellationToken)
    {
        var grant = new LockGrant(ask.Key, requestId, ask.Mode, ask.Permits, reply.FencingToken, reply.Proof);
        if (await ConfirmAsync(ask, grant, reply.Lease, sentAt, cancellationToken) is not { } confirmed)
        {
            return null;
        }

        if (reader is null)
        {
            return keeper.TryKeep(grant, confirmed.Lease, confirmed.SentAt);
        }

        return keeper.TryReplace(reader, grant, confirmed.Lease, confirmed.SentAt) ? reader : null;
    }

    /// <summary>A lease to begin with: that of the grant while enough of it is left, or that of a confirmation.</summary>
    private async Task<(TimeSpan Lease, long SentAt)?> ConfirmAsync(
        LockAsk ask, LockGrant grant, TimeSpan lease, long sentAt, CancellationToken cancellationToken)
    {
        if (lease >= _options.Lease || HeldLock.LossAfter(lease) - time.GetElapsedTime(sentAt) >= EnoughToBegin)
        {
            return (lease, sentAt);
        }

        long confirmedAt = 0;
        var reply = await caller.CallAsync(
            "confirm lock",
            _ =>
            {
                confirmedAt = time.GetTimestamp();
                return transport.RenewAsync(ask.Key, keeper.RenewalOf(grant, TimeSpan.Zero) with { IsConfirmation = true });
            },
            cancellationToken,
            LockBounds.ProvisionalLease);
        return reply.Outcome == RenewOutcome.Renewed ? (_options.Lease, confirmedAt) : null;
    }

    /// <summary>A reader that has ended in the meantime, or has become the writer by another call, has nothing to upgrade.</summary>
    private static void ThrowIfEnded(LockAsk ask, HeldLock? reader, Guid upgrades)
    {
        if (reader is { IsLost: true })
        {
            throw new InvalidOperationException($"The upgradeable read lock '{ask.Name}' is lost and cannot become a write lock. Acquire it anew.");
        }

        ObjectDisposedException.ThrowIf(reader is { IsReleased: true }, typeof(UpgradeableLockHandle));
        if (reader is not null && reader.Grant.RequestId != upgrades)
        {
            throw UpgradeableLockHandle.UpgradedAlready(ask.Name);
        }
    }

    private async Task WithdrawAsync(LockAsk ask, Guid requestId, HeldLock? reader)
    {
        try
        {
            using var budget = new CancellationTokenSource(WithdrawalBudget, time);
            await caller.CallAsync("withdraw a request for lock", _ => transport.CancelAsync(ask.Key, requestId), budget.Token, WithdrawalAttempt);
        }
        catch (Exception exception)
        {
            // The caller's own outcome counts. Unheard of, the waiter lapses, and so does a grant that nobody confirms or renews. An upgrade's would
            // be renewed as its reader is.
            if (reader is not null)
            {
                reader.WithdrawnUpgrade = new LockUpgrade(requestId);
            }

            LogNotWithdrawn(exception, ask.Name);
        }
    }

    [LoggerMessage(3001, LogLevel.Debug, "Withdrawing a request for lock '{Name}' was not answered; it lapses by itself.")]
    private partial void LogNotWithdrawn(Exception exception, string name);
}
