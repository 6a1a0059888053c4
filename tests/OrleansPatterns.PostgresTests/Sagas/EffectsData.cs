namespace OrleansPatterns.PostgresTests.Sagas;

internal sealed record EffectsData
{
    public required int Number { get; init; }

    /// <summary>The steps that are recorded as done, in order.</summary>
    public List<string> Done { get; init; } = [];
}
