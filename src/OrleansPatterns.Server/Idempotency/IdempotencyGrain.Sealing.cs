using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Closing the key, on behalf of those who undo its operation.</summary>
internal sealed partial class IdempotencyGrain
{
    public async Task<SealReply> SealAsync(SealRequest request)
    {
        IdempotencyRequests.Check(request);
        var receivedAt = _time.GetTimestamp();
        if (!_state.IsKnown)
        {
            // A call that never arrived, or has not arrived yet, has left no record.
            var first = IdempotencyRules.Seal(_state.Record, request, leaseAge: default, _time.GetUtcNow());
            if (await TryCreateAsync(first.Record, receivedAt))
            {
                return Answer(first.Reply);
            }
        }

        var decision = IdempotencyRules.Seal(_state.Record, request, LeaseAge(receivedAt), _time.GetUtcNow());
        if (IdempotencyRules.EndsUnreported(_state.Record, decision.Record))
        {
            switch (await DecideTransactionAsync(receivedAt))
            {
                case TransactionOutcomeKind.Open:
                    return Answer(IdempotencyRules.StillInProgress(OpenTransactionRetry));
                case TransactionOutcomeKind.Committed:
                    decision = IdempotencyRules.Seal(_state.Record, request, LeaseAge(receivedAt), _time.GetUtcNow());
                    break;
            }
        }

        await CommitAsync(decision.Record, receivedAt);
        return Answer(decision.Reply);
    }

    private SealReply Answer(SealReply reply)
    {
        LogSeal(reply.Outcome, _key);
        return reply;
    }
}
