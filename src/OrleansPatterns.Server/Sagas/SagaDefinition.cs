using System.Collections.Immutable;

namespace OrleansPatterns.Server.Sagas;

/// <summary>A saga as described by its class, once for the silo.</summary>
internal sealed record SagaDefinition
{
    public required string Name { get; init; }

    public required int Version { get; init; }

    public required ImmutableArray<SagaStepDefinition> Steps { get; init; }
}
