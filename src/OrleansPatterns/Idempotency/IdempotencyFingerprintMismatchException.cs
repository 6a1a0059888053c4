namespace OrleansPatterns.Idempotency;

/// <summary>The key was used with another payload: a mistake of the caller, which a retry does not mend.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyFingerprintMismatchException")]
public sealed class IdempotencyFingerprintMismatchException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    public IdempotencyFingerprintMismatchException(IdempotencyKey key)
        : base($"'{key}' was used with another payload. Use a new key for a new operation, and the same payload to repeat an old one.") => Key = key;

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }
}
