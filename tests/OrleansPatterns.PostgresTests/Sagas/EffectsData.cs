namespace OrleansPatterns.PostgresTests.Sagas;

internal sealed record EffectsData
{
    public required int Number { get; init; }

    /// <summary>The actions have their effects under their keys, so that those of an executor that was left behind are refused once they are undone.</summary>
    public bool RunsOnce { get; init; }

    /// <summary>The steps that are recorded as done, in order.</summary>
    public List<string> Done { get; init; } = [];
}
