namespace OrleansPatterns.Locks;

/// <summary>One who holds a lock, as people see it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockHolderStatus")]
public sealed record LockHolderStatus
{
    /// <summary>The holder, as it calls itself.</summary>
    [Id(0)]
    public required string Owner { get; init; }

    /// <summary>As what it holds the lock.</summary>
    [Id(1)]
    public required LockMode Mode { get; init; }

    /// <summary>The token of its grant; by this it can be broken.</summary>
    [Id(2)]
    public required long FencingToken { get; init; }

    /// <summary>For how long it has held the lock.</summary>
    [Id(3)]
    public required TimeSpan HeldFor { get; init; }

    /// <summary>How long it may stay silent from now on before the lock can pass on.</summary>
    [Id(4)]
    public required TimeSpan ExpiresIn { get; init; }
}
