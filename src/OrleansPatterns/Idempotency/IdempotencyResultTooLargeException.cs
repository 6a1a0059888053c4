namespace OrleansPatterns.Idempotency;

/// <summary>
/// The work is done and has taken effect, but its result is over <see cref="IdempotencyOptions.MaxResultBytes"/> and was not stored. The key is
/// completed, so the work does not run again; every caller gets this exception until the retention ends.
/// </summary>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyResultTooLargeException")]
public sealed class IdempotencyResultTooLargeException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="resultBytes">The size of the result.</param>
    public IdempotencyResultTooLargeException(IdempotencyKey key, int resultBytes)
        : base(
            $"The work of '{key}' is done, but its result of {resultBytes} bytes is over IdempotencyOptions.MaxResultBytes and was not stored. Return a "
            + "reference to the result instead, or raise the limit for later keys.")
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
