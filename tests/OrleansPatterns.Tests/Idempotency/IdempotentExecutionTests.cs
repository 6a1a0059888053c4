using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotentExecutionTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Grain _grain = new();

    [Fact]
    public async Task LostToken_WithoutAnAnswerToRenewals_FiresAtTheLeaseEndCountedFromTheSending()
    {
        var sentAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(4));
        var execution = Begin(sentAt);

        _time.Advance(TimeSpan.FromSeconds(26) - new TimeSpan(1));
        Assert.False(execution.LostToken.IsCancellationRequested);
        _time.Advance(new TimeSpan(1));
        Assert.True(execution.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task Renewal_MovesTheDeadlineToALeaseAfterItsSending()
    {
        var execution = Begin(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(10));
        var renewal = await InTime(_grain.NextRenewal());
        _time.Advance(TimeSpan.FromSeconds(3));
        renewal.SetResult(ExecutionClaim.Current);

        // The next renewal is only sent when the first one's answer has been taken in.
        _time.Advance(TimeSpan.FromSeconds(7));
        await InTime(_grain.NextRenewal());
        _time.Advance(TimeSpan.FromSeconds(20) - new TimeSpan(1));
        Assert.False(execution.LostToken.IsCancellationRequested);
        _time.Advance(new TimeSpan(1));
        Assert.True(execution.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task LostToken_WhenARenewalIsStale_FiresAtOnce()
    {
        var execution = Begin(_time.GetTimestamp());
        var lost = new TaskCompletionSource();
        using var registration = execution.LostToken.Register(lost.SetResult);
        _time.Advance(TimeSpan.FromSeconds(10));
        (await InTime(_grain.NextRenewal())).SetResult(ExecutionClaim.Stale);

        await InTime(lost.Task);
    }

    [Fact]
    public async Task FailedRenewal_IsNoLoss()
    {
        var execution = Begin(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(10));
        (await InTime(_grain.NextRenewal())).SetException(new InvalidOperationException("no answer"));
        _time.Advance(TimeSpan.FromSeconds(10));
        await InTime(_grain.NextRenewal());

        Assert.False(execution.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task Complete_WhenRefused_SaysThatTheExecutionIsLost()
    {
        var execution = Begin(_time.GetTimestamp());
        _grain.Answer = ExecutionClaim.Stale;

        var lost = await Assert.ThrowsAsync<IdempotencyExecutionLostException>(
            () => execution.CompleteAsync("42"u8.ToArray(), TestContext.Current.CancellationToken));

        Assert.Equal(7, lost.ExecutionToken);
        Assert.True(execution.LostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task Dispose_ReleasesOnlyWithoutAnAttemptToComplete()
    {
        await Begin(_time.GetTimestamp()).DisposeAsync();
        Assert.Equal(1, _grain.Releases);

        var completed = Begin(_time.GetTimestamp());
        await completed.CompleteAsync(cancellationToken: TestContext.Current.CancellationToken);
        await completed.DisposeAsync();
        await completed.DisposeAsync();
        Assert.Equal(1, _grain.Releases);
    }

    private IdempotentExecution Begin(long sentAt) =>
        new(
            _grain,
            "key",
            new BeginReply { Outcome = BeginOutcome.Started, ExecutionToken = 7 },
            sentAt,
            new IdempotencyOptions(),
            TimeSpan.FromHours(24),
            new ClusterCaller(_time, Options.Create(new ClusterCallOptions { AttemptTimeout = TimeSpan.FromMinutes(5), RetryFor = TimeSpan.FromMinutes(5) })),
            TestInstruments.Idempotency,
            _time,
            NullLogger.Instance);

    private sealed class Grain : IIdempotencyGrain
    {
        private readonly System.Threading.Channels.Channel<TaskCompletionSource<ExecutionClaim>> _renewals =
            System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource<ExecutionClaim>>();

        public ExecutionClaim Answer { get; set; } = ExecutionClaim.Current;

        public int Releases { get; private set; }

        public Task<TaskCompletionSource<ExecutionClaim>> NextRenewal() =>
            _renewals.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask();

        public Task<ExecutionClaim> RenewAsync(long executionToken)
        {
            var renewal = new TaskCompletionSource<ExecutionClaim>();
            _renewals.Writer.TryWrite(renewal);
            return renewal.Task;
        }

        public Task<ExecutionClaim> CompleteAsync(CompleteRequest request) => Task.FromResult(Answer);

        public Task<ExecutionClaim> ReleaseAsync(long executionToken)
        {
            Releases++;
            return Task.FromResult(Answer);
        }

        public Task<BeginReply> BeginAsync(BeginRequest request) => throw new NotSupportedException();

        public Task<ExecutionClaim> FailAsync(FailRequest request) => Task.FromResult(Answer);

        public Task<ExecutionClaim> SettleAsync(long executionToken) => throw new NotSupportedException();

        public Task<BeginReply?> WaitAsync(string fingerprint, TimeSpan slice, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<IdempotencyStatus> GetStatusAsync() => throw new NotSupportedException();

        public Task<bool> FreeAsync(long executionToken) => throw new NotSupportedException();

        public Task<bool> ResolveAsync(CompleteRequest request) => throw new NotSupportedException();

        public Task<SealReply> SealAsync(SealRequest request) => throw new NotSupportedException();
    }
}
