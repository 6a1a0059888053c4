using System.Runtime.CompilerServices;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>Waits for what nobody is told of: that a call has reached the queue, that a one-way release has arrived.</summary>
internal static class LockStatusWaits
{
    internal static Task<LockStatus> UntilAsync(
        this ILockOperations operations, string name, Func<LockStatus, bool> isSo, [CallerArgumentExpression(nameof(isSo))] string expected = "") =>
        UntilAsync(name, () => operations.GetStatusAsync(name, TestContext.Current.CancellationToken), isSo, expected);

    internal static Task<LockStatus> UntilAsync(
        this ILockGrain grain, Func<LockStatus, bool> isSo, [CallerArgumentExpression(nameof(isSo))] string expected = "") =>
        UntilAsync(grain.GetPrimaryKeyString(), grain.GetStatusAsync, isSo, expected);

    private static async Task<LockStatus> UntilAsync(string name, Func<Task<LockStatus>> look, Func<LockStatus, bool> isSo, string expected)
    {
        using var net = new CancellationTokenSource(SafetyNet);
        while (true)
        {
            var status = await look().Soon();
            if (isSo(status))
            {
                return status;
            }

            Assert.False(
                net.IsCancellationRequested,
                $"Lock '{name}' has not come to '{expected}' within {SafetyNet}: it has {status.Holders.Length} holders, {status.WaiterCount} waiters and token {status.FencingToken}.");
        }
    }
}
