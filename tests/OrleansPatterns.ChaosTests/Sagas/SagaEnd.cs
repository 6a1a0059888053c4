namespace OrleansPatterns.ChaosTests.Sagas;

/// <summary>Where a saga stood once the faults were over and it had had the time to end.</summary>
/// <param name="Phase">The name of an <see cref="OrleansPatterns.Sagas.SagaPhase"/>.</param>
/// <param name="Reason">Why it cannot go on.</param>
internal sealed record SagaEnd(string Phase, string? Reason);
