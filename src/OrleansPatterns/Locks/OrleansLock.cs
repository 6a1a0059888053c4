using Medallion.Threading;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Locks;

/// <summary>Medallion's lock over one lock grain. Not re-entrant: a holder that asks again waits for itself.</summary>
/// <remarks>
/// A timeout bounds the waiting for <em>other holders</em>. When the cluster does not answer it is not known whether there are any, so then a
/// call ends with <see cref="Cluster.ClusterUnavailableException"/> after <see cref="Cluster.ClusterCallOptions.RetryFor"/>, and never with
/// <see langword="null"/>. A request that timed out, was cancelled or failed is withdrawn; should that fail too, its place in the queue or its
/// grant lapses.
/// </remarks>
internal sealed partial class OrleansLock(LockCalls calls, LockOptions options, TimeProvider time, ILogger<LockHandle> logger)
    : IDistributedLock
{
    public string Name => calls.Name;

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        CheckTimeout(timeout);
        return new(RunAsync<IDistributedSynchronizationHandle?>(async () => await AcquireWithinAsync(timeout, cancellationToken), cancellationToken));
    }

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var within = timeout ?? Timeout.InfiniteTimeSpan;
        CheckTimeout(within);
        return new(RunAsync<IDistributedSynchronizationHandle>(
            async () => await AcquireWithinAsync(within, cancellationToken)
                ?? throw new TimeoutException(
                    $"Lock '{Name}' was held by others for the {within} of the timeout. Wait longer, or see ILockGrain.GetStatusAsync for who holds it."),
            cancellationToken));
    }

    // The interface demands the synchronous twins. They run on the thread pool, so that no continuation needs the caller's synchronization
    // context, which the caller blocks.
    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        Task.Run(() => TryAcquireAsync(timeout, cancellationToken).AsTask(), CancellationToken.None).GetAwaiter().GetResult();

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => AcquireAsync(timeout, cancellationToken).AsTask(), CancellationToken.None).GetAwaiter().GetResult();

    private static void CheckTimeout(TimeSpan timeout)
    {
        if ((timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan) || timeout.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeout),
                timeout,
                $"A timeout is zero to {int.MaxValue} milliseconds, or Timeout.InfiniteTimeSpan to wait for as long as it takes.");
        }
    }

    private static Task<T> RunAsync<T>(Func<Task<T>> acquire, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<T>(cancellationToken) : acquire();

    private async Task<LockHandle?> AcquireWithinAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var requestId = Guid.NewGuid();
        try
        {
            return await AskAsync(requestId, timeout, cancellationToken);
        }
        catch
        {
            await WithdrawAsync(requestId);
            throw;
        }
    }

    private async Task<LockHandle?> AskAsync(Guid requestId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            var asked = await calls.AcquireAsync(() => Request(requestId, timeout, startedAt), cancellationToken);
            switch (asked.Reply.Outcome)
            {
                case LockOutcome.Granted when Begin(requestId, asked.Reply.FencingToken, asked.SentAt) is { } handle:
                    return handle;
                case LockOutcome.Queued when await AwaitTurnAsync(requestId, startedAt, timeout, cancellationToken) is { } handle:
                    return handle;
                case LockOutcome.Busy:
                    return null;
            }

            if (Remaining(startedAt, timeout) <= TimeSpan.Zero)
            {
                await WithdrawAsync(requestId);
                return null;
            }

            // Still time left: the grain forgot the request in a crash, or an answer came so late that its lease was over. Asking again under
            // the same id gets the same place in the queue.
        }
    }

    private async Task<LockHandle?> AwaitTurnAsync(Guid requestId, long startedAt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        while (Remaining(startedAt, timeout) is var remaining && remaining > TimeSpan.Zero)
        {
            var slice = remaining < LockBounds.WaitSlice ? remaining : LockBounds.WaitSlice;
            var (reply, _) = await calls.WaitAsync(requestId, slice, cancellationToken);
            if (reply.Outcome == LockOutcome.Granted)
            {
                // How long ago it was granted is not known here: the lease counts from the sending of the confirmation.
                var confirmed = await calls.RenewAsync(requestId, reply.FencingToken, options.Lease, cancellationToken);
                return confirmed.Reply == RenewOutcome.Renewed ? Begin(requestId, reply.FencingToken, confirmed.SentAt) : null;
            }

            if (reply.Outcome != LockOutcome.Queued)
            {
                return null;
            }
        }

        return null;
    }

    private LockRequest Request(Guid requestId, TimeSpan timeout, long startedAt) => new()
    {
        RequestId = requestId,
        Owner = options.Owner,
        Lease = options.Lease,
        Wait = timeout != TimeSpan.Zero,
        WaitedFor = time.GetElapsedTime(startedAt),
    };

    private LockHandle? Begin(Guid requestId, long token, long sentAt) =>
        LockHandle.TryStart(calls, requestId, token, options.Lease, sentAt, time, logger);

    private TimeSpan Remaining(long startedAt, TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - time.GetElapsedTime(startedAt);

    private async Task WithdrawAsync(Guid requestId)
    {
        try
        {
            await calls.CancelAsync(requestId);
        }
        catch (Exception exception)
        {
            // The caller's own outcome counts. Unheard of, the waiter lapses, and so does a grant that nobody confirms or renews.
            LogNotWithdrawn(exception, Name);
        }
    }
}
