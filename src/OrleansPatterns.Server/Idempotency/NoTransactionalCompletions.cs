using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Without a database there are no transactions that could complete anything.</summary>
internal sealed class NoTransactionalCompletions : ITransactionalCompletions
{
    public Task<TransactionOutcome> DecideAsync(string key, long executionToken) => Task.FromResult(TransactionOutcome.Excluded);
}
