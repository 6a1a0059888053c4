namespace OrleansPatterns.Idempotency;

/// <summary>Another caller is executing the operation, and its result did not come in time.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyInProgressException")]
public sealed class IdempotencyInProgressException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="retryAfter">When to try again.</param>
    public IdempotencyInProgressException(IdempotencyKey key, TimeSpan retryAfter)
        : base($"'{key}' is being executed by another caller. Repeat the call in {retryAfter.TotalSeconds:0.#} s to get the result.")
    {
        Key = key;
        RetryAfter = retryAfter;
    }

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }

    /// <summary>After this time the execution has ended, or its executor has shown that it lives, or may be taken over.</summary>
    [Id(1)]
    public TimeSpan RetryAfter { get; }
}
