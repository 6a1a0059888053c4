namespace OrleansPatterns.Idempotency;

/// <summary>An executor was lost, nobody knows how far its work came, and by <see cref="OnAbandoned.Park"/> nobody may repeat it.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyParkedException")]
public sealed class IdempotencyParkedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="executionToken">The lost execution.</param>
    public IdempotencyParkedException(IdempotencyKey key, long executionToken)
        : base(
            $"'{key}' is parked: the executor of execution {executionToken} was lost. Find out how far its work came, then free the key or "
            + "give it its result, with IIdempotencyOperations.")
    {
        Key = key;
        ExecutionToken = executionToken;
    }

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }

    /// <summary>The lost execution.</summary>
    [Id(1)]
    public long ExecutionToken { get; }
}
