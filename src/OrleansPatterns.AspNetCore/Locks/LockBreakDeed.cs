using OrleansPatterns.AspNetCore.Management;

namespace OrleansPatterns.AspNetCore.Locks;

/// <param name="Name">The lock.</param>
/// <param name="Reason">Why.</param>
/// <param name="FencingToken">The token of the hold to break; null: all holds.</param>
internal sealed record LockBreakDeed(string Name, string Reason, long? FencingToken = null) : Deed(Reason)
{
    internal override string Target => FencingToken is { } token ? $"{Name}, token {token}" : Name;
}
