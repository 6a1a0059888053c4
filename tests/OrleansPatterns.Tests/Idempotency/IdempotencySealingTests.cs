using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Keys that are closed, through the store and the operations of a client.</summary>
public sealed class IdempotencySealingTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);
    private static readonly IdempotencyOptions Impatient = new() { WaitForResult = TimeSpan.Zero };
    private static readonly IdempotencyOptions Parking = new(Impatient) { OnAbandoned = OnAbandoned.Park };

    private readonly string _key = NewKey();
    private int _runs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    private IIdempotencyOperations Operations => fixture.Service<IIdempotencyOperations>();

    private IIdempotencyGrain Grain => fixture.Cluster.Client.GetIdempotencyGrain(_key);

    [Fact]
    public async Task SealedBeforeItsCall_RefusesItHoweverItComesUntilTheSealEnds()
    {
        Assert.Equal(SealOutcome.Unused, await SealAsync());

        var refusal = await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
        Assert.Equal(
            $"'default/{_key}' is sealed: the operation was given up, for instance because a saga undoes it; this call ran nothing. Do not repeat it; "
            + "use a new key for a new operation.",
            refusal.Message);
        Assert.Equal((IdempotencyKey)_key, refusal.Key);
        await Assert.ThrowsAsync<IdempotencySealedException>(() => Store.BeginAsync(_key, "other payload", cancellationToken: Cancel));
        await Assert.ThrowsAsync<IdempotencySealedException>(() => Store.TryBeginAsync(_key, cancellationToken: Cancel));
        var status = await Operations.GetStatusAsync(_key, Cancel);
        Assert.Equal((IdempotencyPhase.Sealed, fixture.Time.GetUtcNow() + Retention), (status.Phase, status.ExpiresAt));
        Assert.False(await Operations.FreeAsync(_key, status.ExecutionToken, Cancel));
        Assert.False(await Operations.CompleteAsync(_key, status.ExecutionToken, 1, Cancel));

        fixture.Time.Advance(Retention - new TimeSpan(1));
        await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
        Assert.Equal(0, _runs);
        fixture.Time.Advance(new TimeSpan(1));
        Assert.Equal(1, await ExecuteAsync());
    }

    [Fact]
    public async Task Sealed_Again_AnswersTheSameAndLastsLonger()
    {
        Assert.Equal(SealOutcome.Unused, await SealAsync());
        fixture.Time.Advance(Retention - TimeSpan.FromMinutes(1));
        Assert.Equal(SealOutcome.Unused, await SealAsync());
        fixture.Time.Advance(Retention - TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
    }

    [Fact]
    public async Task WhileTheExecutorIsAtWork_IsPutOff_AndThenFindsTheResult()
    {
        var execution = (await Store.BeginAsync(_key, "f", Impatient, Cancel)).Execution!;
        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        var putOff = await Operations.SealAsync(_key, Retention, Cancel);
        Assert.Equal((SealOutcome.InProgress, TimeSpan.FromSeconds(27)), (putOff.Outcome, putOff.RetryAfter));

        await execution.CompleteAsync("42"u8.ToArray(), Cancel);
        Assert.Equal(SealOutcome.Completed, await SealAsync());
        Assert.Equal(42, await ExecuteAsync());
    }

    /// <summary>The result would be forgotten in an hour; whoever undoes needs it to stay for as long as a call can be late.</summary>
    [Fact]
    public async Task OverAResult_KeepsItForAsLongAsTheSealWouldLast()
    {
        await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(42), new IdempotencyOptions { Retention = Retention }, Cancel);
        Assert.Equal(SealOutcome.Completed, (await Operations.SealAsync(_key, Retention * 3, Cancel)).Outcome);
        fixture.Time.Advance((Retention * 3) - new TimeSpan(1));
        Assert.Equal(42, await ExecuteAsync());
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task OverARememberedFailure_KeepsIt()
    {
        var remembering = new IdempotencyOptions { OnFailure = _ => OnFailure.Remember };
        Task Fail() => Store.ExecuteAsync<int>(_key, "f", _ => throw new NotSupportedException("declined"), remembering, Cancel);
        await Assert.ThrowsAsync<IdempotencyFailedException>(Fail);
        Assert.Equal(SealOutcome.Unused, await SealAsync());
        await Assert.ThrowsAsync<IdempotencyFailedException>(ExecuteAsync);
    }

    [Fact]
    public async Task LostExecutor_IsAbandonedAndItsLateReportsAreRefused()
    {
        var lost = await Grain.BeginAsync(Request());
        fixture.Time.Advance(TimeSpan.FromSeconds(30) - new TimeSpan(1));
        Assert.Equal(new TimeSpan(1), (await Grain.SealAsync(new SealRequest { Retention = Retention })).RetryAfter);
        fixture.Time.Advance(new TimeSpan(1));

        Assert.Equal(SealOutcome.Abandoned, await SealAsync());
        Assert.Equal(ExecutionClaim.Stale, await Grain.RenewAsync(lost.ExecutionToken));
        Assert.Equal(ExecutionClaim.Stale, await Grain.CompleteAsync(Completion(lost.ExecutionToken)));
        Assert.Equal(ExecutionClaim.Stale, await Grain.SettleAsync(lost.ExecutionToken));
        Assert.Equal(ExecutionClaim.Stale, await Grain.ReleaseAsync(lost.ExecutionToken));
        await Assert.ThrowsAsync<IdempotencySealedException>(ExecuteAsync);
        Assert.Equal(SealOutcome.Abandoned, await SealAsync());
    }

    /// <summary>Sealed by another activation than the one that is asked next: nothing of it lives in memory alone.</summary>
    [Fact]
    public async Task FailedAfterATakeover_IsAbandonedStill()
    {
        await Grain.BeginAsync(Request());
        fixture.Time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<NotSupportedException>(
            () => Store.ExecuteAsync<int>(_key, "f", _ => throw new NotSupportedException("declined"), Impatient, Cancel));
        await Grain.AsReference<Orleans.Core.Internal.IGrainManagementExtension>().DeactivateOnIdle(Cancel);

        Assert.Equal(SealOutcome.Abandoned, await SealAsync());
    }

    [Fact]
    public async Task ParkedKey_IsAbandonedAndLeavesTheCatalog()
    {
        var lost = await Grain.BeginAsync(Request(onAbandoned: OnAbandoned.Park));
        fixture.Time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<IdempotencyParkedException>(() => Store.ExecuteAsync(_key, "f", RunAsync, Parking, Cancel));
        Assert.NotNull(await RowAsync());

        Assert.Equal(SealOutcome.Abandoned, await SealAsync());
        Assert.Null(await RowAsync());
        Assert.False(await Operations.FreeAsync(_key, lost.ExecutionToken, Cancel));
        await Assert.ThrowsAsync<IdempotencySealedException>(() => Store.ExecuteAsync(_key, "f", RunAsync, Parking, Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(367)]
    public async Task RetentionOutsideItsBounds_IsRefused(int days)
    {
        var fault = await Assert.ThrowsAsync<ArgumentException>(() => Operations.SealAsync(_key, TimeSpan.FromDays(days), Cancel));
        Assert.StartsWith(
            $"Retention is {TimeSpan.FromDays(days)}; it must be greater than zero and at most 366.00:00:00.", fault.Message, StringComparison.Ordinal);
    }

    private async Task<SealOutcome> SealAsync() => (await Operations.SealAsync(_key, Retention, Cancel)).Outcome;

    private Task<int> ExecuteAsync() => Store.ExecuteAsync(_key, "f", RunAsync, Impatient, Cancel);

    private Task<int> RunAsync(CancellationToken cancellationToken) => Task.FromResult(++_runs);

    private Task<CatalogEntry?> RowAsync() => fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress)
        .GetRequiredService<ICatalog>()
        .FindAsync("idempotency", ((IdempotencyKey)_key).ToString(), Cancel);
}
