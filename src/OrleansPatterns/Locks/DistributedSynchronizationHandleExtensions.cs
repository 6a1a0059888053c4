using OrleansPatterns.Locks;

namespace Medallion.Threading;

/// <summary>What handles of OrleansPatterns have beside Medallion's interface.</summary>
public static class DistributedSynchronizationHandleExtensions
{
    extension(IDistributedSynchronizationHandle handle)
    {
        /// <summary>The number of the grant: greater than that of every earlier grant of the same lock. See <see cref="LockHandle.FencingToken"/>.</summary>
        /// <exception cref="InvalidOperationException">The handle comes from another provider, or stands for several locks.</exception>
        public long FencingToken
        {
            get
            {
                ArgumentNullException.ThrowIfNull(handle);
                return handle is LockHandle own
                    ? own.FencingToken
                    : throw new InvalidOperationException(
                        $"A {handle.GetType().Name} has no fencing token. Only a handle of one lock from the IDistributedLockProvider of OrleansPatterns has.");
            }
        }
    }
}
