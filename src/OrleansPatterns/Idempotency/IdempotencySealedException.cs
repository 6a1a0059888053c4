namespace OrleansPatterns.Idempotency;

/// <summary>The key was closed before the operation completed: who undoes an operation, as a saga does, keeps a late call from running it afterwards.</summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencySealedException")]
public sealed class IdempotencySealedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    public IdempotencySealedException(IdempotencyKey key)
        : base(
            $"'{key}' is sealed: the operation was given up, for instance because a saga undoes it; this call ran nothing. Do not repeat it; use a new "
            + "key for a new operation.") => Key = key;

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }
}
