namespace OrleansPatterns.Server.Sagas;

/// <summary>What a saga class described, and what is wrong with it. Not to be run unless there are no faults.</summary>
internal sealed record SagaBlueprint(SagaDefinition Definition, IReadOnlyList<string> Faults);
