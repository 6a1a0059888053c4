using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Closing a key to executions, because its operation is given up or undone.</summary>
internal static partial class IdempotencyRules
{
    /// <summary>
    /// By the status and not by the phase: what has expired and is still there is known, and to call a key unused whose work was done would leave that
    /// undone by nobody.
    /// </summary>
    /// <param name="record">The record as read or last written.</param>
    /// <param name="request">For how long.</param>
    /// <param name="leaseAge">For how long the deciding activation has known the record without a renewal.</param>
    /// <param name="now">The wall clock, for retention only.</param>
    internal static Decision<IdempotencyRecord, SealReply> Seal(
        IdempotencyRecord record, SealRequest request, TimeSpan leaseAge, DateTimeOffset now) => record.Status switch
    {
        ExecutionStatus.InProgress when leaseAge < record.Lease => new(record, StillInProgress(record.Lease - leaseAge)),
        ExecutionStatus.InProgress or ExecutionStatus.Parked => Close(record, SealOutcome.Abandoned, request, now),
        ExecutionStatus.None => Close(record, WithoutResult(record), request, now),
        ExecutionStatus.Sealed => Keep(record, record.SealedAs, request, now),
        ExecutionStatus.Completed => Keep(record, SealOutcome.Completed, request, now),

        // What was promised to callers stands, a failure too; it keeps the work from running as well as a seal does.
        ExecutionStatus.Failed => Keep(record, WithoutResult(record), request, now),
        _ => throw new InvalidOperationException($"Execution {record.ExecutionToken} has the unknown status {record.Status} and cannot be sealed."),
    };

    internal static SealReply StillInProgress(TimeSpan retryAfter) => new() { Outcome = SealOutcome.InProgress, RetryAfter = retryAfter };

    private static SealOutcome WithoutResult(IdempotencyRecord record) => record.HasLostExecution ? SealOutcome.Abandoned : SealOutcome.Unused;

    /// <summary>With a token of its own, so that whatever is late, reports and outdated activations, finds itself overtaken as by an execution.</summary>
    private static Decision<IdempotencyRecord, SealReply> Close(
        IdempotencyRecord record, SealOutcome outcome, SealRequest request, DateTimeOffset now)
    {
        var next = new IdempotencyRecord
        {
            ExecutionToken = NextToken(record, now),
            Status = ExecutionStatus.Sealed,
            RequestId = record.RequestId,
            ExpiresAt = KeptUntil(record, request, now),
            SealedAs = outcome,
        };
        return new(next, new SealReply { Outcome = outcome });
    }

    private static Decision<IdempotencyRecord, SealReply> Keep(
        IdempotencyRecord record, SealOutcome outcome, SealRequest request, DateTimeOffset now)
    {
        var keptUntil = KeptUntil(record, request, now);
        return new(keptUntil == record.ExpiresAt ? record : record with { ExpiresAt = keptUntil }, new SealReply { Outcome = outcome });
    }

    /// <summary>Never less than before: what the key knows of its last request keeps a late repetition of that one out.</summary>
    private static DateTimeOffset KeptUntil(IdempotencyRecord record, SealRequest request, DateTimeOffset now) =>
        now + request.Retention > record.ExpiresAt ? now + request.Retention : record.ExpiresAt;
}
