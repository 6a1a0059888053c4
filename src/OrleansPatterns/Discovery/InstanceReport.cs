namespace OrleansPatterns.Discovery;

/// <summary>An instance as an operator sees it: what callers see of it, and why.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.InstanceReport")]
public sealed record InstanceReport
{
    /// <summary>The instance as it stands in the list.</summary>
    [Id(0)]
    public required ServiceInstance Instance { get; init; }

    /// <summary>How long ago its last heartbeat came. After a move of the list to another silo it counts from there, until the next heartbeat.</summary>
    [Id(1)]
    public required TimeSpan SilentFor { get; init; }

    /// <summary>After how long a silence it is Down.</summary>
    [Id(2)]
    public required TimeSpan Lease { get; init; }

    /// <summary>After how long a silence it is removed.</summary>
    [Id(3)]
    public required TimeSpan RemoveAfter { get; init; }

    /// <summary>What was decided about it by hand; <see langword="null"/>: nothing.</summary>
    [Id(4)]
    public InstanceOverride? Override { get; init; }

    /// <summary>What its last health check found wrong; <see langword="null"/>: nothing, or it is not checked.</summary>
    [Id(5)]
    public string? HealthFault { get; init; }
}
