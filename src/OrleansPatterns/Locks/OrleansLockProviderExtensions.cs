using System.Collections.Immutable;
using OrleansPatterns.Locks;

namespace Medallion.Threading;

/// <summary>What lock providers of OrleansPatterns have beside Medallion's interface.</summary>
public static class OrleansLockProviderExtensions
{
    /// <summary>Acquires several locks, all or none, in an order that is the same for everybody: callers never wait for each other in a circle.</summary>
    /// <remarks>
    /// Medallion's own <c>AcquireAllLocksAsync</c> takes them in the order in which they are named, and leaves deadlocks to its callers. Here
    /// the names are sorted; one that is named twice is taken once. Those held already are kept by renewal while the next is waited for.
    /// </remarks>
    /// <param name="provider">A lock provider of OrleansPatterns.</param>
    /// <param name="names">The locks' names, in any order.</param>
    /// <param name="timeout">How long to wait for all of them together; <see langword="null"/> (default): as long as it takes.</param>
    /// <param name="cancellationToken">Ends the waiting; nothing is held then.</param>
    /// <exception cref="ArgumentException">There is no name, or one is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative or over <see cref="int.MaxValue"/> milliseconds.</exception>
    /// <exception cref="InvalidOperationException">The provider is another's.</exception>
    /// <exception cref="TimeoutException">Others held one of them at the end of the timeout; nothing is held.</exception>
    /// <exception cref="LockUnavailableException">The cluster did not answer; nothing is held.</exception>
    public static async ValueTask<LockSet> AcquireLocksInOrderAsync(
        this IDistributedLockProvider provider, IEnumerable<string> names, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var within = timeout ?? Timeout.InfiniteTimeSpan;
        var own = Own(provider);
        var ordered = Order(names, within);
        return await HoldAllAsync(own, ordered, within, cancellationToken)
            ?? throw LockWait.TimedOut(string.Join("', '", ordered), within);
    }

    /// <inheritdoc cref="AcquireLocksInOrderAsync" path="/summary|/remarks"/>
    /// <param name="provider">A lock provider of OrleansPatterns.</param>
    /// <param name="names">The locks' names, in any order.</param>
    /// <param name="timeout">How long to wait for all of them together; default zero: not at all.</param>
    /// <param name="cancellationToken">Ends the waiting; nothing is held then.</param>
    /// <returns><see langword="null"/> when others held one of them at the end of the timeout; nothing is held then.</returns>
    public static async ValueTask<LockSet?> TryAcquireLocksInOrderAsync(
        this IDistributedLockProvider provider, IEnumerable<string> names, TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        await HoldAllAsync(Own(provider), Order(names, timeout), timeout, cancellationToken);

    private static OrleansLockProvider Own(IDistributedLockProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return provider as OrleansLockProvider
            ?? throw new InvalidOperationException(
                $"A {provider.GetType().Name} is no lock provider of OrleansPatterns. Use Medallion's AcquireAllLocksAsync, with the names in one order everywhere.");
    }

    private static string[] Order(IEnumerable<string> names, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(names);
        LockWait.Check(timeout);
        string[] ordered = [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (ordered.Length == 0 || ordered[0] is null)
        {
            throw new ArgumentException("At least one name is needed, and none may be null.", nameof(names));
        }

        return ordered;
    }

    private static async Task<LockSet?> HoldAllAsync(
        OrleansLockProvider provider, string[] names, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var startedAt = provider.Time.GetTimestamp();
        while (true)
        {
            var held = ImmutableArray<(string Name, IDistributedSynchronizationHandle Handle)>.Empty;
            LockSet? set = null;
            try
            {
                foreach (var name in names)
                {
                    var remaining = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - provider.Time.GetElapsedTime(startedAt);
                    remaining = remaining < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : remaining;
                    if (await provider.CreateLock(name).TryAcquireAsync(remaining, cancellationToken) is not { } handle)
                    {
                        return null;
                    }

                    held = held.Add((name, handle));
                }

                if (!held.Any(each => each.Handle.HandleLostToken.IsCancellationRequested))
                {
                    return set = new LockSet(held);
                }

                // An early one was lost while a late one was waited for: all of them or none, so once more.
            }
            finally
            {
                if (set is null)
                {
                    foreach (var (_, handle) in held)
                    {
                        await handle.DisposeAsync();
                    }
                }
            }
        }
    }
}
