namespace OrleansPatterns.Sagas;

/// <summary>What comes with a signal that says nothing but its name.</summary>
public sealed record SagaNoPayload;
