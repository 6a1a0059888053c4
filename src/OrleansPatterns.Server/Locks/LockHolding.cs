using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>One who holds the lock. Instants are on the clock of the activation.</summary>
internal sealed record LockHolding
{
    public required LockGrantId Id { get; init; }

    public required string Owner { get; init; }

    public required LockMode Mode { get; init; }

    /// <summary>When the lock may pass on, if nothing more is heard of the holder.</summary>
    public required TimeSpan EndsAt { get; init; }

    /// <summary>What the holder was last promised, counted from the sending of its call.</summary>
    public required TimeSpan Lease { get; init; }

    public required TimeSpan Since { get; init; }

    /// <summary>How the holder can be told; opaque here.</summary>
    public object? Contact { get; init; }

    /// <summary>
    /// The upgradeable read that this writer had, and falls back to when the upgrade is withdrawn. Until the holder has heard of its upgrade it
    /// renews, and may release, under this name.
    /// </summary>
    public LockGrantId? UpgradedFrom { get; init; }

    public long LowestToken => UpgradedFrom?.Token ?? Id.Token;

    public bool IsKnownAs(LockGrantId id) => Id == id || UpgradedFrom == id;
}
