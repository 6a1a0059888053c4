using OrleansPatterns.Locks;

namespace OrleansPatterns.AspNetCore.Locks;

/// <summary>One who holds a lock.</summary>
internal sealed record LockHolderView(string Owner, LockMode Mode, long FencingToken, double HeldForSeconds, double ExpiresInSeconds)
{
    internal static LockHolderView Of(LockHolderStatus holder) =>
        new(holder.Owner, holder.Mode, holder.FencingToken, holder.HeldFor.TotalSeconds, holder.ExpiresIn.TotalSeconds);
}
