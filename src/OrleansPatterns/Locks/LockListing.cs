namespace OrleansPatterns.Locks;

/// <summary>What a list shows of a lock besides its status.</summary>
internal sealed record LockListing
{
    /// <summary>The first of those who hold it, as it calls itself; <see langword="null"/>: nobody does.</summary>
    public string? Owner { get; init; }

    /// <summary>How many hold it.</summary>
    public int Holders { get; init; }

    /// <summary>How many wait.</summary>
    public int Waiters { get; init; }

    /// <summary>Since when that first one has held it, by the silo's clock.</summary>
    public DateTimeOffset? Since { get; init; }
}
