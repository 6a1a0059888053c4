namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a list shows of a breaker besides its state.</summary>
internal sealed record BreakerListing
{
    /// <summary>Why it changed last.</summary>
    public string? Reason { get; init; }

    /// <summary>Who decided that by hand.</summary>
    public string? Author { get; init; }

    /// <summary>When it changed last, by the clock of the silo that decided.</summary>
    public DateTimeOffset? Since { get; init; }
}
