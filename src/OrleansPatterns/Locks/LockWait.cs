namespace OrleansPatterns.Locks;

/// <summary>What Medallion's contracts say of every kind of waiting.</summary>
internal static class LockWait
{
    /// <summary>Checked before anything is awaited, also by the asynchronous methods.</summary>
    internal static void Check(TimeSpan timeout)
    {
        if ((timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan) || timeout.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeout),
                timeout,
                $"A timeout is zero to {int.MaxValue} milliseconds, or Timeout.InfiniteTimeSpan to wait for as long as it takes.");
        }
    }

    internal static TimeoutException TimedOut(string name, TimeSpan timeout) => new(
        $"Lock '{name}' was held by others for the {timeout} of the timeout. Wait longer, or see ILockOperations.GetStatusAsync for who holds it.");
}
