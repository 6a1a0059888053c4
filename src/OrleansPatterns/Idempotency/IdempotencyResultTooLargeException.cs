namespace OrleansPatterns.Idempotency;

/// <summary>A result is over <see cref="IdempotencyOptions.MaxResultBytes"/> and was not stored.</summary>
/// <remarks>
/// From <see cref="IIdempotencyStore.ExecuteAsync"/>: the work is done and has taken effect. The key is completed, so the work does not run again;
/// every caller gets this exception until the retention ends. From <see cref="IdempotentExecution.CompleteAsync"/>: nothing has changed, and the
/// execution can be completed with a smaller result. From <c>ExecuteInTransactionAsync</c>: the work was rolled back, and the key is free.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyResultTooLargeException")]
public sealed class IdempotencyResultTooLargeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="resultBytes">The size of the result.</param>
    public IdempotencyResultTooLargeException(IdempotencyKey key, int resultBytes)
        : base(
            $"The result of '{key}' has {resultBytes} bytes, which is over IdempotencyOptions.MaxResultBytes, and was not stored. Return a reference to "
            + "the result instead, or raise the limit for later keys.")
    {
        Key = key;
        ResultBytes = resultBytes;
    }

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }

    /// <summary>The size of the result, in bytes.</summary>
    [Id(1)]
    public int ResultBytes { get; }
}
