namespace OrleansPatterns.Idempotency;

/// <summary>The work failed, and its failure is the result of the key by <see cref="OnFailure.Remember"/>: it does not run again.</summary>
/// <remarks>
/// The caller whose work failed and everyone who repeats it get the same; only the former has the original in
/// <see cref="Exception.InnerException"/>.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyFailedException")]
public sealed class IdempotencyFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="failure">What is remembered.</param>
    /// <param name="innerException">The original, for the caller whose work failed; otherwise <see langword="null"/>.</param>
    public IdempotencyFailedException(IdempotencyKey key, IdempotencyFailure failure, Exception? innerException = null)
        : base(
            $"The work of '{key}' failed with {failure?.Type}: {failure?.Message} This failure is remembered as its result. Use a new key to try again.",
            innerException)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Key = key;
        Failure = failure;
    }

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }

    /// <summary>How the work failed.</summary>
    [Id(1)]
    public IdempotencyFailure Failure { get; }
}
