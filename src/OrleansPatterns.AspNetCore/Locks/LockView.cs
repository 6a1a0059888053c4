using OrleansPatterns.Locks;

namespace OrleansPatterns.AspNetCore.Locks;

/// <summary>A lock to look at.</summary>
internal sealed record LockView(
    string Name,
    bool IsHeld,
    long FencingToken,
    int Permits,
    IReadOnlyList<LockHolderView> Holders,
    IReadOnlyList<LockWaiterView> Waiters,
    int WaiterCount,
    double RecoversInSeconds)
{
    /// <summary>Who stands further behind is only counted.</summary>
    private const int MaxWaiters = 200;

    internal static LockView Of(string name, LockStatus status) => new(
        name,
        status.IsHeld,
        status.FencingToken,
        status.Permits,
        [.. status.Holders.Select(LockHolderView.Of)],
        [.. status.Waiters.Take(MaxWaiters).Select(LockWaiterView.Of)],
        status.WaiterCount,
        status.RecoversIn.TotalSeconds);
}
