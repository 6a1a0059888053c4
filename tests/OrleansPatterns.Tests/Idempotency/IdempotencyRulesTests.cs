using System.Text;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Tests.Idempotency;

public sealed partial class IdempotencyRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Retention = TimeSpan.FromHours(24);
    private static readonly Guid First = new("00000000-0000-0000-0000-000000000001");
    private static readonly Guid Second = new("00000000-0000-0000-0000-000000000002");
    private static readonly byte[] Result = Encoding.UTF8.GetBytes("42");

    private static readonly IdempotencyRecord Running = new()
    {
        ExecutionToken = 7,
        Status = ExecutionStatus.InProgress,
        RequestId = First,
        Fingerprint = "f",
        Lease = Lease,
        OnAbandoned = OnAbandoned.Retry,
        ExpiresAt = Now + Retention,
    };

    private static readonly IdempotencyRecord Completed = Running with { Status = ExecutionStatus.Completed, Result = Result, CompletedAt = Now };
    private static readonly IdempotencyFailure Declined = new() { Type = "t", Message = "declined" };
    private static readonly IdempotencyRecord Failed = Running with { Status = ExecutionStatus.Failed, Failure = Declined, CompletedAt = Now };
    private static readonly IdempotencyRecord Parked = Running with { Status = ExecutionStatus.Parked, OnAbandoned = OnAbandoned.Park };
    private static readonly IdempotencyRecord Freed = new() { ExecutionToken = 7, RequestId = First, ExpiresAt = Now + Retention };

    public static TheoryData<string, BeginOutcome, long, bool> Beginnings { get; } = new()
    {
        // what stands, reply, token in the record, whether it is written
        { "new", BeginOutcome.Started, 1_767_225_600_000, true },
        { "freed", BeginOutcome.Started, 8, true },
        { "freed, same request", BeginOutcome.Ended, 7, false },
        { "running", BeginOutcome.InProgress, 7, false },
        { "running, same request", BeginOutcome.Started, 7, true },
        { "running, other payload", BeginOutcome.FingerprintMismatch, 7, false },
        { "running, tick before lease end", BeginOutcome.InProgress, 7, false },
        { "running, lease end", BeginOutcome.Started, 8, true },
        { "running, lease end, same request", BeginOutcome.Started, 7, true },
        { "running, lease end, other payload", BeginOutcome.FingerprintMismatch, 7, false },
        { "running, lease end, expired, other payload", BeginOutcome.Started, 8, true },
        { "running, expired, other payload", BeginOutcome.FingerprintMismatch, 7, false },
        { "running, park, lease end", BeginOutcome.Parked, 7, true },
        { "running, park, lease end, expired", BeginOutcome.Parked, 7, true },
        { "completed", BeginOutcome.Completed, 7, false },
        { "completed, same request", BeginOutcome.Completed, 7, false },
        { "completed, other payload", BeginOutcome.FingerprintMismatch, 7, false },
        { "completed, tick before expiry", BeginOutcome.Completed, 7, false },
        { "completed, expired", BeginOutcome.Started, 8, true },
        { "completed, expired, other payload", BeginOutcome.Started, 8, true },
        { "failed", BeginOutcome.Failed, 7, false },
        { "failed, other payload", BeginOutcome.FingerprintMismatch, 7, false },
        { "failed, expired", BeginOutcome.Started, 8, true },
        { "running, lease end, expired, same request", BeginOutcome.Ended, 7, false },
        { "parked", BeginOutcome.Parked, 7, false },
        { "parked, expired", BeginOutcome.Parked, 7, false },
        { "parked, other payload", BeginOutcome.FingerprintMismatch, 7, false },
        { "sealed", BeginOutcome.Sealed, 7, false },
        { "sealed, same request", BeginOutcome.Sealed, 7, false },
        { "sealed, other payload", BeginOutcome.Sealed, 7, false },
        { "sealed, lease end, tick before expiry", BeginOutcome.Sealed, 7, false },
        { "sealed, expired", BeginOutcome.Started, 8, true },
        { "sealed, expired, same request", BeginOutcome.Ended, 7, false },
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public void Begin_ForEachStanding_DecidesAsTheTableSays(string situation, BeginOutcome outcome, long token, bool isWritten)
    {
        var parts = situation.Split(", ");
        var (record, leaseAge, now) = SituationOf(parts);
        var request = Request(parts.Contains("same request") ? First : Second, parts.Contains("other payload") ? "g" : "f");

        var decision = IdempotencyRules.Begin(record, request, leaseAge, now);

        Assert.Equal((outcome, token, isWritten), (decision.Reply.Outcome, decision.Record.ExecutionToken, !ReferenceEquals(record, decision.Record)));
        if (outcome == BeginOutcome.Started)
        {
            Assert.Equal(token, decision.Reply.ExecutionToken);
        }
    }

    [Fact]
    public void Begin_WhileRunning_SaysHowLongTheLeaseLasts() =>
        Assert.Equal(
            TimeSpan.FromSeconds(18), IdempotencyRules.Begin(Running, Request(Second, "f"), TimeSpan.FromSeconds(12), Now).Reply.RetryAfter);

    [Fact]
    public void Begin_WhenCompleted_GivesTheResult() =>
        Assert.Equal(Result, IdempotencyRules.Begin(Completed, Request(Second, "f"), TimeSpan.Zero, Now).Reply.Result);

    [Theory]
    [InlineData(ExecutionStatus.InProgress, 7, "42", ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.InProgress, 6, "42", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.InProgress, 8, "42", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Completed, 7, "42", ExecutionClaim.Current, false)]
    [InlineData(ExecutionStatus.Completed, 7, "43", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Completed, 7, null, ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Completed, 6, "42", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Parked, 7, "42", ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.None, 7, "42", ExecutionClaim.Stale, false)]
    public void Complete_ForEachStatus_DecidesAsTheTableSays(object status, long token, string? result, ExecutionClaim claim, bool isWritten)
    {
        var record = RecordOf((ExecutionStatus)status);
        var request = new CompleteRequest
        {
            ExecutionToken = token,
            Result = result is null ? null : Encoding.UTF8.GetBytes(result),
            OmittedResultBytes = result is null ? 5 : 0,
            Retention = Retention,
        };

        var decision = IdempotencyRules.Complete(record, request, Now);

        Assert.Equal((claim, isWritten), (decision.Reply, !ReferenceEquals(record, decision.Record)));
        if (isWritten)
        {
            Assert.Equal(
                (ExecutionStatus.Completed, Now, Now + Retention),
                (decision.Record.Status, decision.Record.CompletedAt, decision.Record.ExpiresAt));
        }
    }

    [Theory]
    [InlineData(ExecutionStatus.InProgress, 7, ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.InProgress, 6, ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Completed, 7, ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Parked, 7, ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.None, 7, ExecutionClaim.Current, false)]
    [InlineData(ExecutionStatus.None, 6, ExecutionClaim.Stale, false)]
    public void Release_ForEachStatus_DecidesAsTheTableSays(object status, long token, ExecutionClaim claim, bool isWritten)
    {
        var record = RecordOf((ExecutionStatus)status);

        var decision = IdempotencyRules.Release(record, token);

        Assert.Equal((claim, isWritten), (decision.Reply, !ReferenceEquals(record, decision.Record)));
        if (isWritten)
        {
            Assert.Equal(Freed, decision.Record);
        }
    }

    [Theory]
    [InlineData(ExecutionStatus.InProgress, 7, ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.InProgress, 6, ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Completed, 7, ExecutionClaim.Current, false)]
    [InlineData(ExecutionStatus.Completed, 6, ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Parked, 7, ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.None, 7, ExecutionClaim.Stale, false)]
    public void Renew_ForEachStatus_DecidesAsTheTableSays(object status, long token, ExecutionClaim claim, bool isWritten)
    {
        var record = RecordOf((ExecutionStatus)status);

        var decision = IdempotencyRules.Renew(record, token, Now);

        Assert.Equal((claim, isWritten), (decision.Reply, !ReferenceEquals(record, decision.Record)));
    }

    [Theory]
    [InlineData(ExecutionStatus.Parked, 7, 0, true, true)]
    [InlineData(ExecutionStatus.Parked, 6, 0, false, false)]
    [InlineData(ExecutionStatus.InProgress, 7, 29, false, false)]
    [InlineData(ExecutionStatus.InProgress, 7, 30, true, true)]
    [InlineData(ExecutionStatus.InProgress, 8, 30, false, false)]
    [InlineData(ExecutionStatus.Completed, 7, 30, false, false)]
    [InlineData(ExecutionStatus.Failed, 7, 30, false, false)]
    [InlineData(ExecutionStatus.None, 7, 30, true, false)]
    [InlineData(ExecutionStatus.None, 6, 30, false, false)]
    public void Free_ForEachStanding_FreesOnlyALostExecutionOfThatToken(object status, long token, int leaseAgeSeconds, bool isFree, bool isWritten)
    {
        var record = RecordOf((ExecutionStatus)status);

        var decision = IdempotencyRules.Free(record, token, TimeSpan.FromSeconds(leaseAgeSeconds), Now);

        Assert.Equal((isFree, isWritten), (decision.Reply, !ReferenceEquals(record, decision.Record)));
    }

    [Theory]
    [InlineData(ExecutionStatus.Parked, 7, 0, "42", true, true)]
    [InlineData(ExecutionStatus.Parked, 6, 0, "42", false, false)]
    [InlineData(ExecutionStatus.InProgress, 7, 29, "42", false, false)]
    [InlineData(ExecutionStatus.InProgress, 7, 30, "42", true, true)]
    [InlineData(ExecutionStatus.Completed, 7, 30, "42", true, false)]
    [InlineData(ExecutionStatus.Completed, 7, 30, "43", false, false)]
    [InlineData(ExecutionStatus.Failed, 7, 30, "42", false, false)]
    [InlineData(ExecutionStatus.None, 7, 30, "42", false, false)]
    public void Resolve_ForEachStanding_SpeaksOnlyForALostExecution(
        object status, long token, int leaseAgeSeconds, string result, bool isResolved, bool isWritten)
    {
        var record = RecordOf((ExecutionStatus)status);
        var request = new CompleteRequest { ExecutionToken = token, Result = Encoding.UTF8.GetBytes(result), Retention = Retention };

        var decision = IdempotencyRules.Resolve(record, request, TimeSpan.FromSeconds(leaseAgeSeconds), Now);

        Assert.Equal((isResolved, isWritten), (decision.Reply, !ReferenceEquals(record, decision.Record)));
    }

    [Theory]
    [InlineData(ExecutionStatus.InProgress, 7, "declined", ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.InProgress, 6, "declined", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Parked, 7, "declined", ExecutionClaim.Current, true)]
    [InlineData(ExecutionStatus.Failed, 7, "declined", ExecutionClaim.Current, false)]
    [InlineData(ExecutionStatus.Failed, 7, "other", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.Completed, 7, "declined", ExecutionClaim.Stale, false)]
    [InlineData(ExecutionStatus.None, 7, "declined", ExecutionClaim.Stale, false)]
    public void Fail_ForEachStatus_DecidesAsTheTableSays(object status, long token, string message, ExecutionClaim claim, bool isWritten)
    {
        var record = RecordOf((ExecutionStatus)status);
        var request = new FailRequest { ExecutionToken = token, Failure = Declined with { Message = message }, Retention = Retention };

        var decision = IdempotencyRules.Fail(record, request, Now);

        Assert.Equal((claim, isWritten), (decision.Reply, !ReferenceEquals(record, decision.Record)));
        if (isWritten)
        {
            Assert.Equal(
                (ExecutionStatus.Failed, Declined, Now + Retention), (decision.Record.Status, decision.Record.Failure, decision.Record.ExpiresAt));
        }
    }

    [Fact]
    public void Renew_NearTheExpiry_MovesItOnSoThatTheRowStays()
    {
        var late = Now + Retention - TimeSpan.FromSeconds(10);

        Assert.Equal(Now + Retention, IdempotencyRules.Renew(Running, 7, Now).Record.ExpiresAt);
        Assert.Equal(late + Lease, IdempotencyRules.Renew(Running, 7, late).Record.ExpiresAt);
    }

    public static TheoryData<string, bool> Removable { get; } = new()
    {
        { "running", true }, { "running, park", false }, { "parked", false }, { "completed", true }, { "failed", true }, { "freed", true },
        { "sealed", true },
    };

    [Theory]
    [MemberData(nameof(Removable))]
    public void RemovableFrom_IsTheExpiryUnlessAnOperatorIsNeeded(string standing, bool isRemovable)
    {
        IExpiringState record = standing switch
        {
            "running" => Running,
            "running, park" => Running with { OnAbandoned = OnAbandoned.Park },
            "parked" => Parked,
            "completed" => Completed with { OnAbandoned = OnAbandoned.Park },
            "failed" => Failed,
            "sealed" => Sealed,
            _ => Freed,
        };

        Assert.Equal(isRemovable ? Now + Retention : null, record.RemovableFrom);
    }

    public static TheoryData<string, string, bool> Endings { get; } = new()
    {
        // before, after, whether a transaction must be asked for
        { "running", "running", false },
        { "running", "renewed", false },
        { "running", "taken over", true },
        { "running", "parked", true },
        { "running", "freed", true },
        { "running", "failed", true },
        { "running", "sealed", true },
        { "parked", "freed", true },
        { "parked", "sealed", true },
        { "freed", "sealed", false },
        { "parked", "parked", false },
        { "freed", "taken over", false },
        { "completed", "taken over", false },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public void EndsUnreported_IsWhateverATransactionCouldContradict(string before, string after, bool isUnreported) =>
        Assert.Equal(isUnreported, IdempotencyRules.EndsUnreported(RecordOf(before), RecordOf(after)));

    private static (IdempotencyRecord Record, TimeSpan LeaseAge, DateTimeOffset Now) SituationOf(string[] parts)
    {
        var record = parts[0] switch
        {
            "new" => new IdempotencyRecord(),
            "freed" => Freed,
            "running" => Running with { OnAbandoned = parts.Contains("park") ? OnAbandoned.Park : OnAbandoned.Retry },
            "completed" => Completed,
            "failed" => Failed,
            "sealed" => Sealed with { SealedAs = parts.Contains("as abandoned") ? SealOutcome.Abandoned : SealOutcome.Unused },
            _ => Parked,
        };
        return (
            record with { HasLostExecution = parts.Contains("after a lost one") },
            parts.Contains("lease end") ? Lease : parts.Contains("tick before lease end") ? Lease - new TimeSpan(1) : TimeSpan.Zero,
            parts.Contains("expired") ? Now + Retention : parts.Contains("tick before expiry") ? Now + Retention - new TimeSpan(1) : Now);
    }

    private static IdempotencyRecord RecordOf(string standing) => standing switch
    {
        "running" => Running,
        "renewed" => Running with { Renewals = 1 },
        "taken over" => Running with { ExecutionToken = 8 },
        "parked" => Parked,
        "failed" => Failed,
        "completed" => Completed,
        "sealed" => Sealed with { ExecutionToken = 8 },
        _ => Freed,
    };

    private static IdempotencyRecord RecordOf(ExecutionStatus status) => status switch
    {
        ExecutionStatus.InProgress => Running,
        ExecutionStatus.Completed => Completed,
        ExecutionStatus.Parked => Parked,
        ExecutionStatus.Failed => Failed,
        _ => Freed,
    };

    private static BeginRequest Request(Guid requestId, string fingerprint) => new()
    {
        RequestId = requestId,
        Fingerprint = fingerprint,
        Lease = Lease,
        Retention = Retention,
        OnAbandoned = OnAbandoned.Retry,
    };
}
