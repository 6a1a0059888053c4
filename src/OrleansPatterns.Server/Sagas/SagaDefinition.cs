using System.Collections.Immutable;

namespace OrleansPatterns.Server.Sagas;

/// <summary>A saga as described by its class, once for the silo.</summary>
internal sealed record SagaDefinition
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    /// <summary>In the order of their stages.</summary>
    public required ImmutableArray<SagaStepDefinition> Steps { get; init; }

    /// <summary>See <see cref="SagaFingerprint"/>.</summary>
    public string Fingerprint { get; init; } = "";

    public TimeSpan? Deadline { get; init; }

    public int? MaxConcurrency { get; init; }

    /// <summary>What is wrong with data; null: nothing.</summary>
    public Func<string, string?> CheckData { get; init; } = static _ => null;

    /// <summary>Data with all the members that its type has, as a step gives it back.</summary>
    public Func<string, string> Normalize { get; init; } = static json => json;

    /// <summary>The result, from the data. Null: the data itself.</summary>
    public Func<string, string>? Result { get; init; }

    /// <summary>The search attributes, from the data.</summary>
    public Func<string, ImmutableSortedDictionary<string, string>>? Attributes { get; init; }

    internal int StageCount => Steps.Length == 0 ? 0 : Steps[^1].Stage + 1;

    /// <summary>The stage after which nothing is undone; null: there is none.</summary>
    internal int? PivotStage => Steps.FirstOrDefault(step => step.IsPivot)?.Stage;

    internal bool IsParallel(int stage) => Steps.Count(step => step.Stage == stage) > 1;
}
