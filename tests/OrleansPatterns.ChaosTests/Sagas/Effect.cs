namespace OrleansPatterns.ChaosTests.Sagas;

/// <summary>A row that a step's action leaves and its undo takes away: there for as long as the step's effect stands.</summary>
internal sealed record Effect(string Saga, string Step);
