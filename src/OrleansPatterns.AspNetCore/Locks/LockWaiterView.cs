using OrleansPatterns.Locks;

namespace OrleansPatterns.AspNetCore.Locks;

/// <summary>One who waits for a lock.</summary>
internal sealed record LockWaiterView(string Owner, LockMode Mode, double WaitingForSeconds)
{
    internal static LockWaiterView Of(LockWaiterStatus waiter) => new(waiter.Owner, waiter.Mode, waiter.WaitingFor.TotalSeconds);
}
