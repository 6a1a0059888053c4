using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Decides about one key.</summary>
/// <remarks>
/// Why two activations of a key, which can exist for a while, do no harm. Every change is a write that is checked against the ETag of the
/// record it was decided on, renewals included. An activation counts a lease on its own monotonic clock, from when it read the record or
/// received the renewal (<c>leaseAge</c>). An executor counts it from before it sent. So whatever renewal an activation has read was sent
/// before its count began; and one that it has not read was either written later, then the ETag of a takeover does not match, or never.
/// A takeover that succeeds therefore comes after the executor's own deadline, and after it the old token is refused.
/// </remarks>
internal static class IdempotencyRules
{
    /// <param name="record">The record as read or last written.</param>
    /// <param name="request">The caller's wish.</param>
    /// <param name="leaseAge">For how long the deciding activation has known the record without a renewal.</param>
    /// <param name="now">The wall clock, for retention only.</param>
    internal static Decision<IdempotencyRecord, BeginReply> Begin(
        IdempotencyRecord record, BeginRequest request, TimeSpan leaseAge, DateTimeOffset now)
    {
        var standing = StandingOf(record, leaseAge, now);
        var sameRequest = record.RequestId == request.RequestId;
        if (standing == KeyStanding.Absent)
        {
            return sameRequest ? new(record, Reply(BeginOutcome.Ended, record)) : Start(record, request, now);
        }

        if (!string.Equals(record.Fingerprint, request.Fingerprint, StringComparison.Ordinal))
        {
            return new(record, new BeginReply { Outcome = BeginOutcome.FingerprintMismatch });
        }

        return standing switch
        {
            KeyStanding.Running or KeyStanding.Abandoned when sameRequest => Resume(record),
            KeyStanding.Running => new(record, Reply(BeginOutcome.InProgress, record) with { RetryAfter = record.Lease - leaseAge }),
            KeyStanding.Abandoned when record.OnExecutorLost == OnExecutorLost.Rerun => Start(record, request, now),
            KeyStanding.Abandoned => Park(record),
            KeyStanding.Parked => new(record, Reply(BeginOutcome.Parked, record)),
            KeyStanding.Completed => new(
                record,
                Reply(BeginOutcome.Completed, record) with { Result = record.Result, OmittedResultBytes = record.OmittedResultBytes }),
            _ => throw new InvalidOperationException($"Execution {record.ExecutionToken} stands as {standing}; request {request.RequestId} cannot begin."),
        };
    }

    internal static Decision<IdempotencyRecord, ExecutionClaim> Renew(IdempotencyRecord record, long executionToken) =>
        (record.ExecutionToken == executionToken, record.Status) switch
        {
            // Even after the lease: nobody has taken over, and the executor knows by its own clock whether the answer is of use.
            (true, ExecutionStatus.InProgress) => new(record with { Renewals = record.Renewals + 1 }, ExecutionClaim.Current),

            // A renewal that the completion overtook. The executor has all it wants.
            (true, ExecutionStatus.Completed) => new(record, ExecutionClaim.Current),
            _ => new(record, ExecutionClaim.Stale),
        };

    internal static Decision<IdempotencyRecord, ExecutionClaim> Complete(IdempotencyRecord record, CompleteRequest request, DateTimeOffset now) =>
        (record.ExecutionToken == request.ExecutionToken, record.Status) switch
        {
            // Parked too: the executor that was given up turns out to live, and what it did is known after all.
            (true, ExecutionStatus.InProgress or ExecutionStatus.Parked) => new(
                record with
                {
                    Status = ExecutionStatus.Completed,
                    Result = request.Result,
                    OmittedResultBytes = request.OmittedResultBytes,
                    CompletedAt = now,
                    ExpiresAt = now + request.Retention,
                },
                ExecutionClaim.Current),
            (true, ExecutionStatus.Completed) when IsSameResult(record, request) => new(record, ExecutionClaim.Current),
            _ => new(record, ExecutionClaim.Stale),
        };

    internal static Decision<IdempotencyRecord, ExecutionClaim> Release(IdempotencyRecord record, long executionToken) =>
        (record.ExecutionToken == executionToken, record.Status) switch
        {
            (true, ExecutionStatus.InProgress or ExecutionStatus.Parked) => new(Freed(record), ExecutionClaim.Current),
            (true, ExecutionStatus.None) => new(record, ExecutionClaim.Current),
            _ => new(record, ExecutionClaim.Stale),
        };

    internal static Decision<IdempotencyRecord, bool> Free(IdempotencyRecord record, TimeSpan leaseAge, DateTimeOffset now) =>
        StandingOf(record, leaseAge, now) switch
        {
            KeyStanding.Parked => new(Freed(record), true),
            KeyStanding.Abandoned when record.OnExecutorLost == OnExecutorLost.Park => new(Freed(record), true),
            _ => new(record, false),
        };

    private static KeyStanding StandingOf(IdempotencyRecord record, TimeSpan leaseAge, DateTimeOffset now) => record.Status switch
    {
        ExecutionStatus.None => KeyStanding.Absent,
        ExecutionStatus.Parked => KeyStanding.Parked,
        ExecutionStatus.Completed => now < record.ExpiresAt ? KeyStanding.Completed : KeyStanding.Absent,
        ExecutionStatus.InProgress when leaseAge < record.Lease => KeyStanding.Running,

        // Else a lost execution that nobody repeats would refuse every other payload for ever.
        ExecutionStatus.InProgress when now >= record.ExpiresAt && record.OnExecutorLost == OnExecutorLost.Rerun => KeyStanding.Absent,
        ExecutionStatus.InProgress => KeyStanding.Abandoned,
        _ => throw new InvalidOperationException($"Execution {record.ExecutionToken} has the unknown status {record.Status}."),
    };

    private static Decision<IdempotencyRecord, BeginReply> Start(IdempotencyRecord record, BeginRequest request, DateTimeOffset now)
    {
        var next = new IdempotencyRecord
        {
            ExecutionToken = record.ExecutionToken + 1,
            Status = ExecutionStatus.InProgress,
            RequestId = request.RequestId,
            Fingerprint = request.Fingerprint,
            Lease = request.Lease,
            OnExecutorLost = request.OnExecutorLost,
            ExpiresAt = now + request.Retention,
        };
        return new(next, Reply(BeginOutcome.Started, next));
    }

    /// <summary>
    /// The answer to the same request was lost. A write, although the token stays: the executor counts its lease from the repetition,
    /// so another activation that knows only the first attempt must find its ETag outdated.
    /// </summary>
    private static Decision<IdempotencyRecord, BeginReply> Resume(IdempotencyRecord record) =>
        new(record with { Renewals = record.Renewals + 1 }, Reply(BeginOutcome.Started, record));

    private static Decision<IdempotencyRecord, BeginReply> Park(IdempotencyRecord record) =>
        new(record with { Status = ExecutionStatus.Parked }, Reply(BeginOutcome.Parked, record));

    private static IdempotencyRecord Freed(IdempotencyRecord record) =>
        new() { ExecutionToken = record.ExecutionToken, RequestId = record.RequestId };

    private static BeginReply Reply(BeginOutcome outcome, IdempotencyRecord record) =>
        new() { Outcome = outcome, ExecutionToken = record.ExecutionToken };

    private static bool IsSameResult(IdempotencyRecord record, CompleteRequest request) =>
        record.OmittedResultBytes == request.OmittedResultBytes
        && (record.Result is null) == (request.Result is null)
        && record.Result.AsSpan().SequenceEqual(request.Result);
}
