namespace OrleansPatterns.Tests.Telemetry;

/// <summary>What the step of <see cref="TracedSaga"/> is to call, and what came back.</summary>
public sealed class TracedData
{
    public required Uri Partner { get; set; }

    /// <summary>Where the grain is to be that the step calls.</summary>
    public required string StockSilo { get; set; }

    public string? RanIn { get; set; }

    public string? Answer { get; set; }

    public string[] Stock { get; set; } = [];
}
