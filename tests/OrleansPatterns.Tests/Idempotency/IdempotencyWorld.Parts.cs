using OrleansPatterns.Server.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Who lives in it.</summary>
internal sealed partial class IdempotencyWorld
{
    /// <summary>What a run has been through, added up over its seeds.</summary>
    internal sealed class Sights
    {
        internal int Results { get; set; }

        internal int Replays { get; set; }

        internal int Takeovers { get; set; }

        internal int Parked { get; set; }

        internal int Removals { get; set; }

        internal int LostAnswers { get; set; }

        internal int RefusedReports { get; set; }

        internal int Adopted { get; set; }

        internal int FencedTransactions { get; set; }

        internal int SealsOfUnused { get; set; }

        internal int SealsOfResults { get; set; }

        internal int SealsOfLost { get; set; }

        internal int SealsPutOff { get; set; }

        internal int SealedRefusals { get; set; }
    }

    private sealed record Outcome(long Token, bool IsFailure, TimeSpan KeptUntil);

    private sealed class Activation(TimeSpan clockError)
    {
        internal TimeSpan ClockError { get; } = clockError;

        internal IdempotencyRecord? Record { get; set; }

        internal int Etag { get; set; }

        internal TimeSpan LeaseCountedFrom { get; set; }

        internal void Forget() => Record = null;
    }

    private sealed class Executor(Guid requestId)
    {
        internal Guid RequestId { get; } = requestId;

        internal long Token { get; set; }

        internal TimeSpan BegunAt { get; set; }

        internal TimeSpan Deadline { get; set; }

        internal bool IsDead { get; set; }

        internal TimeSpan? TransactionOpenedAt { get; set; }

        internal bool HasUsedTransaction { get; set; }

        internal bool HasTransaction => TransactionOpenedAt is not null;
    }
}
