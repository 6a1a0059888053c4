namespace OrleansPatterns.Discovery;

/// <summary>What an operator has decided about an instance. Holds until it is taken back or the instance leaves the list, also while the instance registers anew.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.InstanceOverride")]
public sealed record InstanceOverride
{
    /// <summary>The status that beats the instance's own.</summary>
    [Id(0)]
    public required InstanceStatus Status { get; init; }

    /// <summary>Why, for people to read. 1 to 512 characters.</summary>
    [Id(1)]
    public required string Reason { get; init; }

    /// <summary>Who; <see langword="null"/> (default): not said. At most 512 characters.</summary>
    [Id(2)]
    public string? Author { get; init; }
}
