using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Storage;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Server.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyStoreTests(MemoryCluster fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task Execute_SixteenDuplicatesAtOnce_RunOnceAndAllGetTheResult()
    {
        var key = NewKey();
        var runs = 0;
        var results = await InTime(Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Store.ExecuteAsync(
            key,
            "f",
            async token =>
            {
                await Task.Yield();
                return new Receipt(Interlocked.Increment(ref runs), "paid");
            },
            cancellationToken: Cancel))));

        Assert.Equal(1, runs);
        Assert.All(results, result => Assert.Equal(new Receipt(1, "paid"), result));
    }

    [Fact]
    public async Task Execute_AfterTheGrainWasDeactivated_Replays()
    {
        var key = NewKey();
        await Store.ExecuteAsync(key, "f", _ => Task.FromResult(42), cancellationToken: Cancel);
        await fixture.Cluster.Client.GetIdempotencyGrain(key).AsReference<IGrainManagementExtension>().DeactivateOnIdle(Cancel);

        Assert.Equal(42, await Store.ExecuteAsync<int>(key, "f", _ => throw new InvalidOperationException("ran again"), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Execute_OtherPayload_IsRefusedWhileRunningAndAfterwards()
    {
        var key = NewKey();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource<int>();
        var first = Store.ExecuteAsync(
            key,
            "f",
            _ =>
            {
                entered.SetResult();
                return gate.Task;
            },
            cancellationToken: Cancel);
        await InTime(entered.Task);

        await Assert.ThrowsAsync<IdempotencyFingerprintMismatchException>(() => Store.ExecuteAsync(key, "g", _ => Task.FromResult(1), cancellationToken: Cancel));
        gate.SetResult(42);
        Assert.Equal(42, await InTime(first));
        var after = await Assert.ThrowsAsync<IdempotencyFingerprintMismatchException>(
            () => Store.ExecuteAsync(key, "g", _ => Task.FromResult(1), cancellationToken: Cancel));
        Assert.Equal((IdempotencyKey)key, after.Key);
    }

    [Fact]
    public async Task Execute_WhileRunningAndNotWilling_IsInProgressWithRetryAfter()
    {
        var key = NewKey();
        await using var first = (await Store.BeginAsync(key, "f", cancellationToken: Cancel)).Execution;
        var impatient = Create(fixture.Cluster.Client, fixture.Service<TimeProvider>(), new() { WaitForResult = TimeSpan.Zero });

        var refused = await Assert.ThrowsAsync<IdempotencyInProgressException>(() => impatient.ExecuteAsync(key, "f", _ => Task.FromResult(1), cancellationToken: Cancel));

        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Execute_WorkThrows_FreesTheKeyForAWaitingDuplicate()
    {
        var key = NewKey();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource<int>();
        var first = Store.ExecuteAsync(
            key,
            "f",
            _ =>
            {
                entered.SetResult();
                return gate.Task;
            },
            cancellationToken: Cancel);
        await InTime(entered.Task);
        var second = Store.ExecuteAsync(key, "f", _ => Task.FromResult(2), cancellationToken: Cancel);

        gate.SetException(new NotSupportedException("no"));

        Assert.Equal("no", (await Assert.ThrowsAsync<NotSupportedException>(() => InTime(first))).Message);
        Assert.Equal(2, await InTime(second));
    }

    [Fact]
    public async Task Execute_NullResult_IsAResult()
    {
        var key = NewKey();
        Assert.Null(await Store.ExecuteAsync(key, "f", _ => Task.FromResult<string?>(null), cancellationToken: Cancel));
        Assert.Null(await Store.ExecuteAsync(key, "f", _ => Task.FromResult<string?>("second"), cancellationToken: Cancel));
    }

    [Fact]
    public async Task Execute_ResultTooLarge_NeverRunsAgain()
    {
        var key = NewKey();
        var store = Create(fixture.Cluster.Client, fixture.Service<TimeProvider>(), new() { MaxResultBytes = 10 });
        Assert.Equal("12345678", await store.ExecuteAsync(NewKey(), "f", _ => Task.FromResult("12345678"), cancellationToken: Cancel));

        var first = await Assert.ThrowsAsync<IdempotencyResultTooLargeException>(
            () => store.ExecuteAsync(key, "f", _ => Task.FromResult("123456789"), cancellationToken: Cancel));
        var second = await Assert.ThrowsAsync<IdempotencyResultTooLargeException>(
            () => Store.ExecuteAsync(key, "f", _ => Task.FromResult("short"), cancellationToken: Cancel));

        Assert.Equal((11, 11), (first.ResultBytes, second.ResultBytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task Execute_EmptyFingerprint_IsRefused(string? fingerprint) =>
        await Assert.ThrowsAsync<ArgumentException>(nameof(fingerprint), () => Store.ExecuteAsync(NewKey(), fingerprint!, _ => Task.FromResult(1), cancellationToken: Cancel));

    [Fact]
    public async Task Execute_CallerCancelsTheWork_FreesTheKey()
    {
        var key = NewKey();
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InTime(Store.ExecuteAsync(
            key,
            "f",
            async token =>
            {
                await cancelled.CancelAsync();
                token.ThrowIfCancellationRequested();
                return 1;
            },
            cancellationToken: cancelled.Token)));
        Assert.Equal(2, await Store.ExecuteAsync(key, "f", _ => Task.FromResult(2), cancellationToken: Cancel));
    }

    [Fact]
    public async Task TryBegin_Message_IsHandledOnceAndAgainAfterAFailure()
    {
        var key = NewKey();
        long first;
        await using (var failing = await Store.TryBeginAsync(key, cancellationToken: Cancel))
        {
            first = failing!.ExecutionToken;
            var refused = await Assert.ThrowsAsync<IdempotencyInProgressException>(() => Store.TryBeginAsync(key, cancellationToken: Cancel));
            Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        }

        await using (var handling = await Store.TryBeginAsync(key, cancellationToken: Cancel))
        {
            Assert.Equal(first + 1, handling?.ExecutionToken);
            await handling!.CompleteAsync(cancellationToken: Cancel);
            Assert.False(handling.LostToken.IsCancellationRequested);
        }

        Assert.Null(await Store.TryBeginAsync(key, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Keys_ThatStorageMightConfuse_AreKeptApart()
    {
        var suffix = NewKey();
        List<IdempotencyKey> keys =
        [
            "2a", "02a", "2A", "123", "0123", "a+b", "7d3c1b3e-5a40-4f7e-9c26-1d0f7a5a2f10",
            new(suffix + "/b", "c"), new(suffix, "b/c"), new("other", "2a"),
        ];
        foreach (var key in keys)
        {
            await Store.ExecuteAsync(key, "f", _ => Task.FromResult(key.ToString()), cancellationToken: Cancel);
        }

        foreach (var key in keys)
        {
            Assert.Equal(key.ToString(), await Store.ExecuteAsync(key, "f", _ => Task.FromResult("ran again"), cancellationToken: Cancel));
        }
    }

    /// <summary>It has read that there is nothing, and then another activation wrote.</summary>
    [Fact]
    public async Task OutdatedActivation_DoesNotRefuseTheCurrentExecutor()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        Assert.Equal(0, (await grain.GetStatusAsync()).ExecutionToken);
        var silo = fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress);
        await silo.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns).WriteStateAsync(
            PatternNames.Idempotency,
            grain.GetGrainId(),
            new GrainState<IdempotencyRecord>(new IdempotencyRecord
            {
                ExecutionToken = 7,
                Status = ExecutionStatus.InProgress,
                RequestId = Guid.NewGuid(),
                Fingerprint = "f",
                Lease = TimeSpan.FromSeconds(30),
                OnAbandoned = OnAbandoned.Retry,
                ExpiresAt = fixture.Service<TimeProvider>().GetUtcNow() + TimeSpan.FromHours(1),
            }));

        Assert.Equal(ExecutionClaim.Stale, await grain.RenewAsync(6));
        Assert.Equal(ExecutionClaim.Current, await grain.RenewAsync(7));
        Assert.Equal(ExecutionClaim.Stale, await grain.RenewAsync(8));
        Assert.Equal(ExecutionClaim.Current, await grain.CompleteAsync(Completion(7)));
    }

    [Fact]
    public async Task Wait_SliceOutsideItsBounds_IsRefused()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => grain.WaitAsync("f", TimeSpan.Zero, Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => grain.WaitAsync("f", TimeSpan.FromSeconds(2) + new TimeSpan(1), Cancel));
    }

    [Fact]
    public async Task Begin_RequestOutsideItsBounds_IsRefused()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        await Assert.ThrowsAsync<ArgumentException>(() => grain.BeginAsync(Request() with { RequestId = Guid.Empty }));
        await Assert.ThrowsAsync<ArgumentException>(() => grain.BeginAsync(Request(fingerprint: "")));
        await Assert.ThrowsAsync<ArgumentException>(() => grain.BeginAsync(Request() with { Lease = TimeSpan.FromMilliseconds(999) }));
        await Assert.ThrowsAsync<ArgumentException>(() => grain.BeginAsync(Request() with { Retention = TimeSpan.FromSeconds(29) }));
        await Assert.ThrowsAsync<ArgumentException>(() => grain.BeginAsync(Request(onAbandoned: OnAbandoned.None)));
        await Assert.ThrowsAsync<ArgumentException>(() => grain.CompleteAsync(Completion(1) with { Result = null }));
    }

    private sealed record Receipt(int Number, string Text);
}
