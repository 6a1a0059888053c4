namespace OrleansPatterns.Tests.Testing;

public sealed class Trip
{
    public List<string> Done { get; init; } = [];
}
