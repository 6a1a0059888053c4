using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>Decides about one key.</summary>
/// <remarks>
/// <para>
/// Why two activations of a key, which can exist for a while, do no harm. Every change is a write that is checked against the ETag of the
/// record it was decided on, renewals included. An activation counts a lease on its own monotonic clock, from when it read the record or
/// received the renewal (<c>leaseAge</c>). An executor counts it from before it sent. So whatever renewal an activation has read was sent
/// before its count began; and one that it has not read was either written later, then the ETag of a takeover does not match, or never.
/// A takeover that succeeds therefore comes after the executor's own deadline, and after it the old token is refused.
/// </para>
/// <para>
/// Why a token never comes again, although the row goes when the key has expired: the first one after that is taken from the wall clock, in
/// milliseconds, and a key has fewer executions than milliseconds. The clocks of two silos would have to differ by more than the retention.
/// </para>
/// </remarks>
internal static partial class IdempotencyRules
{
    /// <param name="record">The record as read or last written.</param>
    /// <param name="request">The caller's wish.</param>
    /// <param name="leaseAge">For how long the deciding activation has known the record without a renewal.</param>
    /// <param name="now">The wall clock, for retention only.</param>
    internal static Decision<IdempotencyRecord, BeginReply> Begin(
        IdempotencyRecord record, BeginRequest request, TimeSpan leaseAge, DateTimeOffset now)
    {
        var phase = PhaseOf(record, leaseAge, now);
        var sameRequest = record.RequestId == request.RequestId;
        if (phase == IdempotencyPhase.Free)
        {
            return sameRequest ? new(record, Reply(BeginOutcome.Ended, record)) : Start(record, request, now);
        }

        if (phase == IdempotencyPhase.Sealed)
        {
            return new(record, Reply(BeginOutcome.Sealed, record));
        }

        if (!string.Equals(record.Fingerprint, request.Fingerprint, StringComparison.Ordinal))
        {
            return new(record, new BeginReply { Outcome = BeginOutcome.FingerprintMismatch });
        }

        return phase switch
        {
            IdempotencyPhase.InProgress or IdempotencyPhase.Abandoned when sameRequest => Resume(record, now),
            IdempotencyPhase.Abandoned when record.OnAbandoned == OnAbandoned.Retry => Start(record, request, now),
            IdempotencyPhase.Abandoned => Park(record),
            _ => new(record, News(record, request.Fingerprint, leaseAge, now)!),
        };
    }

    /// <summary>What waiting callers are told; <see langword="null"/>: to begin, for nobody is at work any more.</summary>
    internal static BeginReply? News(IdempotencyRecord record, string fingerprint, TimeSpan leaseAge, DateTimeOffset now)
    {
        var phase = PhaseOf(record, leaseAge, now);
        if (phase is IdempotencyPhase.Free or IdempotencyPhase.Abandoned)
        {
            return null;
        }

        if (phase == IdempotencyPhase.Sealed)
        {
            // Whatever the payload: a seal may come before the first caller, and has none.
            return Reply(BeginOutcome.Sealed, record);
        }

        if (!string.Equals(record.Fingerprint, fingerprint, StringComparison.Ordinal))
        {
            return new BeginReply { Outcome = BeginOutcome.FingerprintMismatch };
        }

        return phase switch
        {
            IdempotencyPhase.InProgress => Reply(BeginOutcome.InProgress, record) with { RetryAfter = record.Lease - leaseAge },
            IdempotencyPhase.Completed => Reply(BeginOutcome.Completed, record) with
            {
                Result = record.Result, OmittedResultBytes = record.OmittedResultBytes,
            },
            IdempotencyPhase.Failed => Reply(BeginOutcome.Failed, record) with { Failure = record.Failure },
            IdempotencyPhase.Parked => Reply(BeginOutcome.Parked, record),
            _ => throw new InvalidOperationException($"Execution {record.ExecutionToken} stands as {phase}, of which there are no news."),
        };
    }

    internal static Decision<IdempotencyRecord, ExecutionClaim> Renew(IdempotencyRecord record, long executionToken, DateTimeOffset now) =>
        (record.ExecutionToken == executionToken, record.Status) switch
        {
            // Even after the lease: nobody has taken over, and the executor knows by its own clock whether the answer is of use.
            (true, ExecutionStatus.InProgress) => new(Renewed(record, now), ExecutionClaim.Current),

            // A renewal that the report overtook. The executor has all it wants.
            (true, ExecutionStatus.Completed or ExecutionStatus.Failed) => new(record, ExecutionClaim.Current),
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

    internal static Decision<IdempotencyRecord, ExecutionClaim> Fail(IdempotencyRecord record, FailRequest request, DateTimeOffset now) =>
        (record.ExecutionToken == request.ExecutionToken, record.Status) switch
        {
            (true, ExecutionStatus.InProgress or ExecutionStatus.Parked) => new(
                record with
                {
                    Status = ExecutionStatus.Failed, Failure = request.Failure, CompletedAt = now, ExpiresAt = now + request.Retention,
                },
                ExecutionClaim.Current),
            (true, ExecutionStatus.Failed) when record.Failure == request.Failure => new(record, ExecutionClaim.Current),
            _ => new(record, ExecutionClaim.Stale),
        };

    internal static Decision<IdempotencyRecord, ExecutionClaim> Release(IdempotencyRecord record, long executionToken) =>
        (record.ExecutionToken == executionToken, record.Status) switch
        {
            (true, ExecutionStatus.InProgress or ExecutionStatus.Parked) => new(Freed(record), ExecutionClaim.Current),
            (true, ExecutionStatus.None) => new(record, ExecutionClaim.Current),
            _ => new(record, ExecutionClaim.Stale),
        };

    internal static Decision<IdempotencyRecord, bool> Free(IdempotencyRecord record, long executionToken, TimeSpan leaseAge, DateTimeOffset now) =>
        (record.ExecutionToken == executionToken, PhaseOf(record, leaseAge, now)) switch
        {
            // An operator has found out that nothing took effect.
            (true, IdempotencyPhase.Parked or IdempotencyPhase.Abandoned) => new(Freed(record) with { HasLostExecution = false }, true),
            (true, IdempotencyPhase.Free) => new(record, record.Status == ExecutionStatus.None),
            _ => new(record, false),
        };

    internal static Decision<IdempotencyRecord, bool> Resolve(
        IdempotencyRecord record, CompleteRequest request, TimeSpan leaseAge, DateTimeOffset now)
    {
        // An executor that is at work is not to be spoken for.
        if (PhaseOf(record, leaseAge, now) == IdempotencyPhase.InProgress)
        {
            return new(record, false);
        }

        var decision = Complete(record, request, now);
        return new(decision.Record, decision.Reply == ExecutionClaim.Current);
    }

    /// <summary>What a record means at a moment.</summary>
    internal static IdempotencyPhase PhaseOf(IdempotencyRecord record, TimeSpan leaseAge, DateTimeOffset now) => record.Status switch
    {
        ExecutionStatus.None => IdempotencyPhase.Free,
        ExecutionStatus.Parked => IdempotencyPhase.Parked,
        ExecutionStatus.Completed => now < record.ExpiresAt ? IdempotencyPhase.Completed : IdempotencyPhase.Free,
        ExecutionStatus.Failed => now < record.ExpiresAt ? IdempotencyPhase.Failed : IdempotencyPhase.Free,
        ExecutionStatus.Sealed => now < record.ExpiresAt ? IdempotencyPhase.Sealed : IdempotencyPhase.Free,
        ExecutionStatus.InProgress when leaseAge < record.Lease => IdempotencyPhase.InProgress,

        // Else a lost execution that nobody repeats would refuse every other payload for ever.
        ExecutionStatus.InProgress when now >= record.ExpiresAt && record.OnAbandoned == OnAbandoned.Retry => IdempotencyPhase.Free,
        ExecutionStatus.InProgress => IdempotencyPhase.Abandoned,
        _ => throw new InvalidOperationException($"Execution {record.ExecutionToken} has the unknown status {record.Status}."),
    };

    /// <summary>
    /// Whether a decision ends an execution otherwise than by its executor's report of success. A database transaction may have completed it, or be
    /// about to, so that is decided first.
    /// </summary>
    internal static bool EndsUnreported(IdempotencyRecord before, IdempotencyRecord next) =>
        !ReferenceEquals(before, next)
        && before.Status is (ExecutionStatus.InProgress or ExecutionStatus.Parked)
        && (next.ExecutionToken != before.ExecutionToken || next.Status != ExecutionStatus.InProgress);

    internal static IdempotencyStatus StatusOf(IdempotencyRecord record, TimeSpan leaseAge, DateTimeOffset now)
    {
        var phase = PhaseOf(record, leaseAge, now);
        return new IdempotencyStatus
        {
            Phase = phase,
            ExecutionToken = record.ExecutionToken,
            ExpiresAt = phase is IdempotencyPhase.Completed or IdempotencyPhase.Failed or IdempotencyPhase.Sealed ? record.ExpiresAt : null,
            CompletedAt = phase is IdempotencyPhase.Completed or IdempotencyPhase.Failed ? record.CompletedAt : null,
            ResultBytes = phase == IdempotencyPhase.Completed ? record.Result?.Length ?? record.OmittedResultBytes : 0,
            Failure = phase == IdempotencyPhase.Failed ? record.Failure : null,
        };
    }

    private static Decision<IdempotencyRecord, BeginReply> Start(IdempotencyRecord record, BeginRequest request, DateTimeOffset now)
    {
        var next = new IdempotencyRecord
        {
            ExecutionToken = NextToken(record, now),
            Status = ExecutionStatus.InProgress,
            RequestId = request.RequestId,
            Fingerprint = request.Fingerprint,
            Lease = request.Lease,
            OnAbandoned = request.OnAbandoned,
            ExpiresAt = now + request.Retention,
            HasLostExecution = record.Status switch
            {
                ExecutionStatus.InProgress => true,
                ExecutionStatus.None or ExecutionStatus.Failed => record.HasLostExecution,
                _ => false,
            },
        };
        return new(next, Reply(BeginOutcome.Started, next));
    }

    private static long NextToken(IdempotencyRecord record, DateTimeOffset now) =>
        record.ExecutionToken == 0 ? Math.Max(1, now.ToUnixTimeMilliseconds()) : record.ExecutionToken + 1;

    /// <summary>
    /// The answer to the same request was lost. A write, although the token stays: the executor counts its lease from the repetition,
    /// so another activation that knows only the first attempt must find its ETag outdated.
    /// </summary>
    private static Decision<IdempotencyRecord, BeginReply> Resume(IdempotencyRecord record, DateTimeOffset now) =>
        new(Renewed(record, now), Reply(BeginOutcome.Started, record));

    /// <summary>Work that takes longer than its retention must not be swept away under its executor's hands.</summary>
    private static IdempotencyRecord Renewed(IdempotencyRecord record, DateTimeOffset now) => record with
    {
        Renewals = record.Renewals + 1,
        ExpiresAt = now + record.Lease > record.ExpiresAt ? now + record.Lease : record.ExpiresAt,
    };

    private static Decision<IdempotencyRecord, BeginReply> Park(IdempotencyRecord record) =>
        new(record with { Status = ExecutionStatus.Parked }, Reply(BeginOutcome.Parked, record));

    private static IdempotencyRecord Freed(IdempotencyRecord record) => new()
    {
        ExecutionToken = record.ExecutionToken,
        RequestId = record.RequestId,
        ExpiresAt = record.ExpiresAt,
        HasLostExecution = record.HasLostExecution,
    };

    private static BeginReply Reply(BeginOutcome outcome, IdempotencyRecord record) =>
        new() { Outcome = outcome, ExecutionToken = record.ExecutionToken };

    private static bool IsSameResult(IdempotencyRecord record, CompleteRequest request) =>
        record.OmittedResultBytes == request.OmittedResultBytes
        && (record.Result is null) == (request.Result is null)
        && record.Result.AsSpan().SequenceEqual(request.Result);
}
