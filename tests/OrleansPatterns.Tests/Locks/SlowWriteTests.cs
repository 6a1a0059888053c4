using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What comes to a lock grain while its record is being written.</summary>
public sealed class SlowWriteTests : IAsyncDisposable
{
    private TestCluster? _cluster;

    private SlowStorage Storage => (SlowStorage)_cluster!.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress)
        .GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Break_WhileADecisionIsBeingWrittenThrough_TakesEffect()
    {
        var (grain, holder) = (await StartAsync<WriteThrough>(), Ask());
        var granted = await grain.AcquireAsync(holder).Soon();
        var renewal = new LockRenewal
        {
            RequestId = holder.RequestId, FencingToken = granted.FencingToken, Proof = granted.Proof, Lease = holder.Lease, Owner = holder.Owner,
        };
        Storage.HoldWrites();
        var renewing = grain.RenewAsync(renewal);
        await Storage.Writing.Soon();
        var breaking = grain.BreakAsync(0);
        await grain.GetStatusAsync().Soon();
        Storage.LetWritesGo();

        Assert.Equal(1, await breaking.Soon());
        await renewing.Soon();
        Assert.False((await grain.GetStatusAsync().Soon()).IsHeld);
        Assert.Equal(RenewOutcome.NotHolder, (await grain.RenewAsync(renewal).Soon()).Outcome);
    }

    /// <summary>More than the grain remembers as withdrawn.</summary>
    [Fact]
    public async Task Requests_WithdrawnWhileTheClaimIsBeingWritten_DoNotComeBack()
    {
        var grain = await StartAsync<Leased>();
        var requests = Enumerable.Range(0, 50).Select(_ => Ask()).ToList();
        Storage.HoldWrites();
        var asking = requests.ConvertAll(grain.AcquireAsync);
        await Storage.Writing.Soon();
        await grain.UntilAsync(status => status.WaiterCount == requests.Count, "all of them in the queue");
        await Task.WhenAll(requests.Select(request => grain.CancelAsync(request.RequestId))).Soon();
        Storage.LetWritesGo();

        Assert.DoesNotContain(await Task.WhenAll(asking).Soon(), reply => reply.Outcome == LockOutcome.Granted);
        var status = await grain.GetStatusAsync().Soon();
        Assert.Equal((false, 0L, 0), (status.IsHeld, status.FencingToken, status.WaiterCount));
    }

    private async Task<ILockGrain> StartAsync<TDurability>()
        where TDurability : ISiloConfigurator, new()
    {
        _cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns().AddSiloBuilderConfigurator<TDurability>().Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
        return _cluster.Client.GetLockGrain(FreshKey());
    }

    private class Leased : ISiloConfigurator
    {
        public virtual void Configure(ISiloBuilder siloBuilder) => siloBuilder.Services.AddKeyedSingleton<IGrainStorage>(
            StorageNames.OrleansPatterns,
            (services, name) => new SlowStorage(MemoryGrainStorageFactory.Create(services, (string)name!)));
    }

    private sealed class WriteThrough : Leased
    {
        public override void Configure(ISiloBuilder siloBuilder)
        {
            base.Configure(siloBuilder);
            siloBuilder.Services.Configure<LockOptions>(options => options.Durability = LockDurability.WriteThrough);
        }
    }
}
