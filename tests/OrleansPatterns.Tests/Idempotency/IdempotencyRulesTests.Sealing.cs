using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed partial class IdempotencyRulesTests
{
    private static readonly TimeSpan Short = TimeSpan.FromHours(1);

    private static readonly IdempotencyRecord Sealed = new()
    {
        ExecutionToken = 7, Status = ExecutionStatus.Sealed, RequestId = First, ExpiresAt = Now + Retention, SealedAs = SealOutcome.Unused,
    };

    public static TheoryData<string, SealOutcome, object, long> Seals { get; } = new()
    {
        // what stands, reply, status and token in the record
        { "new", SealOutcome.Unused, ExecutionStatus.Sealed, 1_767_225_600_000 },
        { "freed", SealOutcome.Unused, ExecutionStatus.Sealed, 8 },
        { "freed, after a lost one", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "running", SealOutcome.InProgress, ExecutionStatus.InProgress, 7 },
        { "running, tick before lease end", SealOutcome.InProgress, ExecutionStatus.InProgress, 7 },
        { "running, expired", SealOutcome.InProgress, ExecutionStatus.InProgress, 7 },
        { "running, lease end", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "running, lease end, expired", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "running, park, lease end", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "running, park, lease end, expired", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "parked", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "parked, expired", SealOutcome.Abandoned, ExecutionStatus.Sealed, 8 },
        { "completed", SealOutcome.Completed, ExecutionStatus.Completed, 7 },
        { "completed, after a lost one", SealOutcome.Completed, ExecutionStatus.Completed, 7 },
        { "completed, expired", SealOutcome.Completed, ExecutionStatus.Completed, 7 },
        { "failed", SealOutcome.Unused, ExecutionStatus.Failed, 7 },
        { "failed, after a lost one", SealOutcome.Abandoned, ExecutionStatus.Failed, 7 },
        { "failed, expired", SealOutcome.Unused, ExecutionStatus.Failed, 7 },
        { "sealed", SealOutcome.Unused, ExecutionStatus.Sealed, 7 },
        { "sealed, expired", SealOutcome.Unused, ExecutionStatus.Sealed, 7 },
        { "sealed, as abandoned", SealOutcome.Abandoned, ExecutionStatus.Sealed, 7 },
        { "sealed, as abandoned, expired", SealOutcome.Abandoned, ExecutionStatus.Sealed, 7 },
    };

    [Theory]
    [MemberData(nameof(Seals))]
    public void Seal_ForEachStanding_DecidesAsTheTableSays(string situation, SealOutcome outcome, object status, long token)
    {
        var parts = situation.Split(", ");
        var (record, leaseAge, now) = SituationOf(parts);

        // Longer than what is left in any of them, so that each seal is written.
        var decision = IdempotencyRules.Seal(record, new SealRequest { Retention = Retention * 2 }, leaseAge, now);

        Assert.Equal(
            (outcome, (ExecutionStatus)status, token), (decision.Reply.Outcome, decision.Record.Status, decision.Record.ExecutionToken));
        if (outcome == SealOutcome.InProgress)
        {
            Assert.Same(record, decision.Record);
            Assert.Equal(Lease - leaseAge, decision.Reply.RetryAfter);
            return;
        }

        Assert.Equal((now + (Retention * 2), TimeSpan.Zero), (decision.Record.ExpiresAt, decision.Reply.RetryAfter));
        var end = decision.Record.ExpiresAt - new TimeSpan(1);
        foreach (var request in new[] { Request(Second, "f"), Request(First, "f") })
        {
            Assert.NotEqual(BeginOutcome.Started, IdempotencyRules.Begin(decision.Record, request, TimeSpan.MaxValue, end).Reply.Outcome);
        }

        Assert.Equal(outcome, IdempotencyRules.Seal(decision.Record, new SealRequest { Retention = Short }, TimeSpan.MaxValue, end).Reply.Outcome);
    }

    /// <summary>What stands is replayed as before the seal, and longer.</summary>
    [Fact]
    public void Seal_OverAResultOrAFailure_LeavesItAsItIs()
    {
        var late = Now + Retention - TimeSpan.FromMinutes(1);
        var request = new SealRequest { Retention = Short };

        Assert.Equal(Completed with { ExpiresAt = late + Short }, IdempotencyRules.Seal(Completed, request, TimeSpan.Zero, late).Record);
        Assert.Equal(Failed with { ExpiresAt = late + Short }, IdempotencyRules.Seal(Failed, request, TimeSpan.Zero, late).Record);
    }

    [Fact]
    public void Seal_ShorterThanWhatIsKept_ShortensNothing()
    {
        var request = new SealRequest { Retention = Short };

        Assert.All(
            new[] { Completed, Failed, Sealed }, record => Assert.Same(record, IdempotencyRules.Seal(record, request, TimeSpan.Zero, Now).Record));
        Assert.All(
            new[] { Freed, Parked },
            record => Assert.Equal(Now + Retention, IdempotencyRules.Seal(record, request, TimeSpan.Zero, Now).Record.ExpiresAt));
    }

    /// <summary>Of the lost execution nothing stays but what keeps it out.</summary>
    [Fact]
    public void Seal_OfALostExecution_WritesTheWholeRecord() => Assert.Equal(
        Sealed with { ExecutionToken = 8, SealedAs = SealOutcome.Abandoned },
        IdempotencyRules.Seal(Running, new SealRequest { Retention = Retention }, Lease, Now).Record);

    /// <summary>Whoever is lost stays lost for those who undo, until an operator or a result says what became of it.</summary>
    [Fact]
    public void LostExecution_IsRememberedThroughTakeoverAndFailure()
    {
        var takenOver = IdempotencyRules.Begin(Running, Request(Second, "f"), Lease, Now).Record;
        var released = IdempotencyRules.Release(takenOver, 8).Record;
        var failed = IdempotencyRules.Fail(takenOver, new FailRequest { ExecutionToken = 8, Failure = Declined, Retention = Retention }, Now).Record;
        var begunAgain = IdempotencyRules.Begin(released, Request(First, "f"), TimeSpan.Zero, Now).Record;
        var freed = IdempotencyRules.Free(takenOver, 8, Lease, Now).Record;
        var completed = IdempotencyRules.Complete(
            takenOver, new CompleteRequest { ExecutionToken = 8, Result = Result, Retention = Short }, Now).Record;
        var begunLater = IdempotencyRules.Begin(completed, Request(First, "f"), TimeSpan.Zero, Now + Short).Record;

        Assert.False(Running.HasLostExecution);
        Assert.All(new[] { takenOver, released, failed, begunAgain }, record => Assert.True(record.HasLostExecution));
        Assert.All(new[] { freed, begunLater }, record => Assert.False(record.HasLostExecution));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void EveryReportAndEveryOperator_OnASealedKey_IsRefused(long token)
    {
        var record = Sealed;
        var completion = new CompleteRequest { ExecutionToken = token, Result = Result, Retention = Retention };
        var failure = new FailRequest { ExecutionToken = token, Failure = Declined, Retention = Retention };

        Assert.Equal(new(record, ExecutionClaim.Stale), IdempotencyRules.Renew(record, token, Now));
        Assert.Equal(new(record, ExecutionClaim.Stale), IdempotencyRules.Complete(record, completion, Now));
        Assert.Equal(new(record, ExecutionClaim.Stale), IdempotencyRules.Fail(record, failure, Now));
        Assert.Equal(new(record, ExecutionClaim.Stale), IdempotencyRules.Release(record, token));
        foreach (var now in new[] { Now, Now + Retention })
        {
            Assert.Equal(new(record, false), IdempotencyRules.Free(record, token, Lease, now));
            Assert.Equal(new(record, false), IdempotencyRules.Resolve(record, completion, Lease, now));
        }
    }

    [Theory]
    [InlineData("f")]
    [InlineData("g")]
    public void Waiting_OnASealedKey_IsToldWhateverThePayload(string fingerprint)
    {
        Assert.Equal(
            new BeginReply { Outcome = BeginOutcome.Sealed, ExecutionToken = 7 }, IdempotencyRules.News(Sealed, fingerprint, TimeSpan.Zero, Now));
        Assert.Null(IdempotencyRules.News(Sealed, fingerprint, TimeSpan.Zero, Now + Retention));
    }

    [Fact]
    public void Status_OfASealedKey_SaysUntilWhen() => Assert.Equal(
        new IdempotencyStatus { Phase = IdempotencyPhase.Sealed, ExecutionToken = 7, ExpiresAt = Now + Retention },
        IdempotencyRules.StatusOf(Sealed, TimeSpan.Zero, Now));
}
