namespace OrleansPatterns.Idempotency;

/// <summary>The caller is no longer the executor: its lease ended unrenewed, or another caller took over. Its result, if any, was not recorded.</summary>
/// <remarks>Repeat the call with the same key to get the result that counts.</remarks>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyExecutionLostException")]
public sealed class IdempotencyExecutionLostException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="executionToken">The lost execution.</param>
    /// <param name="innerException">How the work ended, if it was cancelled.</param>
    public IdempotencyExecutionLostException(IdempotencyKey key, long executionToken, Exception? innerException = null)
        : base(
            $"Execution {executionToken} of '{key}' was lost: its lease could not be renewed in time or another caller took over. Its result was not "
            + "recorded; repeat the call with the same key to get the result that counts.",
            innerException)
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
