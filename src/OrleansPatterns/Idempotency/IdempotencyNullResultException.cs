namespace OrleansPatterns.Idempotency;

/// <summary>The work returned <see langword="null"/>, which is not remembered as a result. The key is free again.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyNullResultException")]
public sealed class IdempotencyNullResultException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    public IdempotencyNullResultException(IdempotencyKey key)
        : base(
            $"The work of '{key}' returned null. A duplicate could not tell a remembered null from a forgotten result, so null is refused and the key is "
            + "free again. Return a value that says what happened.") => Key = key;

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }
}
