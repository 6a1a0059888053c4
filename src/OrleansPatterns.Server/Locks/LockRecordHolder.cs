using OrleansPatterns.Locks;

namespace OrleansPatterns.Server.Locks;

/// <summary>One who held the lock when the record was written.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRecordHolder")]
internal sealed record LockRecordHolder
{
    [Id(0)]
    public required Guid RequestId { get; init; }

    [Id(1)]
    public required long Token { get; init; }

    [Id(2)]
    public required string Owner { get; init; }

    [Id(3)]
    public required LockMode Mode { get; init; }

    /// <summary>How long after the sending of the write its lease could last.</summary>
    [Id(4)]
    public required TimeSpan EndsIn { get; init; }

    [Id(5)]
    public TimeSpan HeldFor { get; init; }

    /// <summary>As in <see cref="LockHolding.UpgradedFrom"/>.</summary>
    [Id(6)]
    public Guid UpgradedFromRequestId { get; init; }

    [Id(7)]
    public long UpgradedFromToken { get; init; }
}
