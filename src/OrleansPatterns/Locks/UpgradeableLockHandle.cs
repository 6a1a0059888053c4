using Medallion.Threading;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Locks;

/// <summary>A reader's hold that may become the writer's without letting go in between.</summary>
/// <remarks>
/// At most one such hold exists beside other readers, so two never wait for each other. The upgrade has a <see cref="LockHandle.FencingToken"/>
/// of its own, greater than that of every reader before it. A waiting upgrade goes ahead of everybody else in the queue, and new readers wait.
/// </remarks>
public sealed class UpgradeableLockHandle : LockHandle, IDistributedLockUpgradeableHandle
{
    private readonly LockClient _client;
    private readonly LockAsk _ask;

    internal UpgradeableLockHandle(LockClient client, LockAsk ask, HeldLock hold)
        : base(client.Keeper, hold) =>
        (_client, _ask) = (client, ask);

    /// <summary>Waits for the other readers to leave and becomes the writer.</summary>
    /// <param name="timeout">How long to wait for them; default zero: not at all.</param>
    /// <param name="cancellationToken">Ends the waiting; the hold goes on as it was.</param>
    /// <returns><see langword="false"/> when others were still reading at the end of the timeout; the hold goes on as it was.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative or over <see cref="int.MaxValue"/> milliseconds.</exception>
    /// <exception cref="InvalidOperationException">The hold is lost, or is the writer's already.</exception>
    /// <exception cref="ObjectDisposedException">The handle has been disposed.</exception>
    /// <exception cref="LockUnavailableException">The cluster did not answer.</exception>
    public ValueTask<bool> TryUpgradeToWriteLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        LockWait.Check(timeout);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<bool>(cancellationToken)
            : new(UpgradeAsync(timeout, cancellationToken));
    }

    /// <inheritdoc cref="TryUpgradeToWriteLockAsync" path="/summary|/exception"/>
    /// <param name="timeout">How long to wait for them; <see langword="null"/> (default): as long as it takes.</param>
    /// <param name="cancellationToken">Ends the waiting; the hold goes on as it was.</param>
    /// <exception cref="TimeoutException">Others were still reading at the end of the timeout; the hold goes on as it was.</exception>
    public ValueTask UpgradeToWriteLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var within = timeout ?? Timeout.InfiniteTimeSpan;
        var upgrade = TryUpgradeToWriteLockAsync(within, cancellationToken);
        return new(RequireAsync(upgrade, within));
    }

    /// <inheritdoc cref="TryUpgradeToWriteLockAsync"/>
    public bool TryUpgradeToWriteLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        Blocking.Wait(() => TryUpgradeToWriteLockAsync(timeout, cancellationToken).AsTask());

    /// <inheritdoc cref="UpgradeToWriteLockAsync"/>
    public void UpgradeToWriteLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Blocking.Wait(async () =>
        {
            await UpgradeToWriteLockAsync(timeout, cancellationToken);
            return true;
        });

    internal static InvalidOperationException UpgradedAlready(string name) => new($"The lock '{name}' has been upgraded to a write lock already.");

    private async Task<bool> UpgradeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Hold.Grant.Mode == LockMode.Write)
        {
            throw UpgradedAlready(_ask.Name);
        }

        return await _client.AcquireAsync(_ask with { Mode = LockMode.Write }, timeout, cancellationToken, Hold) is not null;
    }

    private async Task RequireAsync(ValueTask<bool> upgrade, TimeSpan timeout)
    {
        if (!await upgrade)
        {
            throw LockWait.TimedOut(_ask.Name, timeout);
        }
    }
}
