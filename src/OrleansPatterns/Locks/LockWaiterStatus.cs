namespace OrleansPatterns.Locks;

/// <summary>One who waits for a lock, as people see it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockWaiterStatus")]
public sealed record LockWaiterStatus
{
    /// <summary>The waiter, as it calls itself.</summary>
    [Id(0)]
    public required string Owner { get; init; }

    /// <summary>As what it wants the lock.</summary>
    [Id(1)]
    public required LockMode Mode { get; init; }

    /// <summary>For how long it has waited.</summary>
    [Id(2)]
    public required TimeSpan WaitingFor { get; init; }

    /// <summary>In what time it loses its place unless it asks again, as everybody does who still waits.</summary>
    [Id(3)]
    public TimeSpan ExpiresIn { get; init; }
}
