namespace OrleansPatterns.Benchmarks.Sagas;

internal sealed record TwoStepData
{
    public required string Text { get; init; }
}
