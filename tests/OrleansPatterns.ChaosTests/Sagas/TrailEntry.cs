namespace OrleansPatterns.ChaosTests.Sagas;

/// <summary>The row that each body of a step leaves when it begins, and that nothing takes away.</summary>
/// <param name="Number">Ascending in the order in which they began.</param>
/// <param name="Saga">The saga's id.</param>
/// <param name="Step">The step's name.</param>
/// <param name="IsUndo">The step's undo; else its action.</param>
/// <param name="Attempt">Which attempt at it, from 1.</param>
internal sealed record TrailEntry(long Number, string Saga, string Step, bool IsUndo, int Attempt);
