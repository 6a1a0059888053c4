namespace OrleansPatterns.ChaosTests.Idempotency;

/// <summary>The row that each execution of a key's work leaves in a table when it begins.</summary>
/// <param name="Key">Whose work.</param>
/// <param name="Id">What this execution returns as its result.</param>
/// <param name="Process">Who executed it.</param>
internal sealed record Work(string Key, string Id, string Process);
