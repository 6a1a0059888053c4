namespace OrleansPatterns.ChaosTests.Idempotency;

/// <summary>The work itself has failed, as work does when the database is away.</summary>
internal sealed class WorkFailedException(Exception cause) : Exception(cause.Message, cause);
