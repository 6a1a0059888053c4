using Orleans.Core.Internal;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyTimeTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task LostExecutor_IsTakenOverAtLeaseEndAndItsLateCompletionRefused()
    {
        var key = NewKey();
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(key);
        var lost = await grain.BeginAsync(Request());
        fixture.Time.Advance(Lease - new TimeSpan(1));
        Assert.Equal((BeginOutcome.InProgress, new TimeSpan(1)), await OutcomeAsync(grain));

        fixture.Time.Advance(new TimeSpan(1));
        var result = await InTime(Store.ExecuteAsync(
            key,
            "f",
            async _ =>
            {
                Assert.Equal(ExecutionClaim.Stale, await grain.RenewAsync(lost.ExecutionToken));
                Assert.Equal(ExecutionClaim.Stale, await grain.CompleteAsync(Completion(lost.ExecutionToken, "41")));
                Assert.Equal(ExecutionClaim.Stale, await grain.ReleaseAsync(lost.ExecutionToken));
                return 42;
            },
            cancellationToken: Cancel));

        Assert.Equal(42, result);
        Assert.Equal(ExecutionClaim.Stale, await grain.CompleteAsync(Completion(lost.ExecutionToken, "41")));
        Assert.Equal("42"u8.ToArray(), (await grain.BeginAsync(Request())).Result);
    }

    [Fact]
    public async Task NewActivation_CountsAFullLeaseAnew()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        await grain.BeginAsync(Request());
        fixture.Time.Advance(TimeSpan.FromSeconds(20));
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle(Cancel);

        Assert.Equal((BeginOutcome.InProgress, Lease), await OutcomeAsync(grain));
    }

    [Fact]
    public async Task RepeatedBegin_GivesTheSameTokenAndRenewsTheLease()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        var request = Request();
        var first = await grain.BeginAsync(request);
        fixture.Time.Advance(TimeSpan.FromSeconds(20));
        var repeated = await grain.BeginAsync(request);

        Assert.Equal((BeginOutcome.Started, first.ExecutionToken), (repeated.Outcome, repeated.ExecutionToken));
        Assert.Equal((BeginOutcome.InProgress, Lease), await OutcomeAsync(grain));
    }

    [Fact]
    public async Task Renewal_StartsTheLeaseAnew()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        var begun = await grain.BeginAsync(Request());
        fixture.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(ExecutionClaim.Current, await grain.RenewAsync(begun.ExecutionToken));

        fixture.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal((BeginOutcome.InProgress, TimeSpan.FromSeconds(1)), await OutcomeAsync(grain));
    }

    [Fact]
    public async Task Result_ExpiresExactlyAfterItsRetentionAndTheTokenGrows()
    {
        var key = NewKey();
        await Store.ExecuteAsync(key, "f", _ => Task.FromResult(1), cancellationToken: Cancel);
        fixture.Time.Advance(TimeSpan.FromHours(24) - new TimeSpan(1));
        Assert.Equal(1, await Store.ExecuteAsync(key, "f", _ => Task.FromResult(2), cancellationToken: Cancel));

        var grain = fixture.Cluster.Client.GetIdempotencyGrain(key);
        var before = await grain.GetStatusAsync();
        fixture.Time.Advance(new TimeSpan(1));
        var begun = await grain.BeginAsync(Request(fingerprint: "other"));
        Assert.Equal((BeginOutcome.Started, before.ExecutionToken + 1), (begun.Outcome, begun.ExecutionToken));
    }

    [Fact]
    public async Task Waiting_EndsWithTheExecutionAndDoesNotBeginWithoutOne()
    {
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(NewKey());
        var begun = await grain.BeginAsync(Request());
        var waiting = grain.WaitAsync("f", TimeSpan.FromSeconds(2), Cancel);

        await grain.CompleteAsync(Completion(begun.ExecutionToken));

        Assert.Equal("42"u8.ToArray(), (await InTime(waiting))?.Result);
        await InTime(grain.WaitAsync("f", TimeSpan.FromSeconds(2), Cancel));
    }

    [Fact]
    public async Task ParkingExecutor_WhenLost_ParksTheKeyUntilItIsFreed()
    {
        var key = NewKey();
        var grain = fixture.Cluster.Client.GetIdempotencyGrain(key);
        var lost = await grain.BeginAsync(Request(onAbandoned: OnAbandoned.Park));
        Assert.False(await grain.FreeAsync(lost.ExecutionToken));
        fixture.Time.Advance(Lease);

        var parked = await Assert.ThrowsAsync<IdempotencyParkedException>(() => Store.ExecuteAsync(key, "f", _ => Task.FromResult(1), cancellationToken: Cancel));
        Assert.Equal(lost.ExecutionToken, parked.ExecutionToken);
        Assert.True(await grain.FreeAsync(lost.ExecutionToken));
        Assert.Equal(ExecutionClaim.Stale, await grain.CompleteAsync(Completion(lost.ExecutionToken)));
        Assert.Equal(2, await Store.ExecuteAsync(key, "f", _ => Task.FromResult(2), cancellationToken: Cancel));
    }

    private static async Task<(BeginOutcome Outcome, TimeSpan RetryAfter)> OutcomeAsync(IIdempotencyGrain grain)
    {
        var reply = await grain.BeginAsync(Request());
        return (reply.Outcome, reply.RetryAfter);
    }
}
