namespace OrleansPatterns.Discovery;

/// <summary>What a list shows of a service besides its status.</summary>
internal sealed record ServiceListing
{
    /// <summary>How many instances are registered.</summary>
    public int Instances { get; init; }

    /// <summary>How many of them are to be called.</summary>
    public int Available { get; init; }

    /// <summary>Among how many lists they are spread.</summary>
    public int Shards { get; init; }
}
