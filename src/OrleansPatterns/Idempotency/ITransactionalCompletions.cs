namespace OrleansPatterns.Idempotency;

/// <summary>Executions that a database transaction completes together with what it writes. Asked whenever an execution ends without its report.</summary>
internal interface ITransactionalCompletions
{
    /// <summary>
    /// Decides an execution for good: gives the completion that its transaction has committed, or keeps the transaction, whenever it may come,
    /// from committing one.
    /// </summary>
    /// <param name="key">The key as <see cref="IdempotencyKey.ToString"/> gives it.</param>
    /// <param name="executionToken">The execution.</param>
    Task<TransactionOutcome> DecideAsync(string key, long executionToken);
}
