namespace OrleansPatterns.Tests.Sagas;

/// <summary>What the steps of the test sagas share: each leaves its name behind.</summary>
public sealed class OrderData
{
    public string Order { get; set; } = "";

    public List<string> Trail { get; set; } = [];

    public string? Approver { get; set; }

    public string? Note { get; set; }
}
