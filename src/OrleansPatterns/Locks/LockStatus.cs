namespace OrleansPatterns.Locks;

/// <summary>What people see of a lock. It may be out of date by the time it is read: decide nothing by it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockStatus")]
public sealed record LockStatus
{
    /// <summary>Whether someone holds the lock.</summary>
    [Id(0)]
    public required bool IsHeld { get; init; }

    /// <summary>The holder, as it calls itself; <see langword="null"/> when nobody holds the lock.</summary>
    [Id(1)]
    public string? Owner { get; init; }

    /// <summary>The token of the latest grant, whether that one still holds the lock or not; 0 if it was never granted.</summary>
    [Id(2)]
    public required long FencingToken { get; init; }

    /// <summary>How long the holder may stay silent from now on before the lock passes on; <see langword="null"/> when nobody holds it.</summary>
    [Id(3)]
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>How many requests wait.</summary>
    [Id(4)]
    public required int Waiters { get; init; }
}
