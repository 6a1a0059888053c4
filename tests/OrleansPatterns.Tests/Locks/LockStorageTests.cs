using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>An activation that has been replaced without knowing it: the test writes the row as its successor would.</summary>
public sealed class LockStorageTests(MemoryCluster fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceProvider Silo => fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress);

    [Fact]
    public async Task ReplacedActivation_AskedByTheTrueHolder_CatchesUp()
    {
        var (grain, former, holder) = (fixture.Cluster.Client.GetLockGrain(FreshKey()), Ask(), Ask());
        await grain.AcquireAsync(former).Soon();
        await WriteBehindItsBackAsync(grain, record => GrantedTo(holder, record));
        Assert.Equal(RenewOutcome.Renewed, await grain.RenewAsync(holder.RequestId, 2, holder.Lease).Soon());
        Assert.Equal(RenewOutcome.NotHolder, await grain.RenewAsync(former.RequestId, 1, former.Lease).Soon());
    }

    [Fact]
    public async Task ReplacedActivation_ThatDecides_IsRefusedAndSendsItsWaitersOff()
    {
        var (grain, former, waiter, holder) = (fixture.Cluster.Client.GetLockGrain(FreshKey()), Ask(), Ask(), Ask());
        await grain.AcquireAsync(former).Soon();
        await grain.AcquireAsync(waiter).Soon();
        var parked = grain.WaitAsync(waiter.RequestId, TimeSpan.FromSeconds(10));
        await grain.GetStatusAsync().Soon();
        await WriteBehindItsBackAsync(grain, record => GrantedTo(holder, record));

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.ReleaseAsync(former.RequestId, 1).Soon());
        Assert.Equal(LockOutcome.Unknown, (await parked.WaitAsync(TimeSpan.FromSeconds(8), Token)).Outcome);
        Assert.Equal(ReleaseOutcome.NotHolder, await grain.ReleaseAsync(former.RequestId, 1).Soon());
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(holder.RequestId, 2).Soon());
    }

    [Fact]
    public async Task Clients_WhenTheActivationIsReplaced_GoOnByThemselves()
    {
        var key = FreshKey();
        var locks = fixture.Service<IDistributedLockProvider>();
        var grain = fixture.Cluster.Client.GetLockGrain(key);
        var handle = await locks.AcquireLockAsync(key, cancellationToken: Token).Soon();
        var waiting = locks.AcquireLockAsync(key, cancellationToken: Token).AsTask();
        await grain.AcquireAsync(Ask(wait: false)).Soon();
        await WriteBehindItsBackAsync(grain, record => record with { Revision = record.Revision + 1 });

        await handle.DisposeAsync();
        await using var next = await waiting.Soon();
        Assert.Equal(2, next.FencingToken);
    }

    /// <summary>A row as the first release wrote it. Renaming or moving a member, or the type, would lose every lock's token.</summary>
    [Fact]
    public void Record_AsFirstStored_IsStillRead()
    {
        const string Stored =
            """
            {"$id":"1","$type":"OrleansPatterns.Server.Locks.LockRecord, OrleansPatterns.Server","LastToken":42,"Revision":7,"Holder":{"$id":"2","$type":"OrleansPatterns.Server.Locks.LockHolder, OrleansPatterns.Server","RequestId":"0f953876-d6ef-450f-b223-c80bdd70bcf2","Token":42,"Owner":"orders/7","Lease":"00:00:15"}}
            """;
        var record = new LockRecord
        {
            LastToken = 42,
            Revision = 7,
            Holder = new LockHolder
            {
                RequestId = new Guid("0f953876-d6ef-450f-b223-c80bdd70bcf2"), Token = 42, Owner = "orders/7", Lease = TimeSpan.FromSeconds(15),
            },
        };
        var serializer = Silo.GetRequiredService<IGrainStorageSerializer>();
        Assert.Equal(Stored, serializer.Serialize(record).ToString());
        Assert.Equal(record, serializer.Deserialize<LockRecord>(BinaryData.FromString(Stored)));
    }

    private static LockRecord GrantedTo(LockRequest holder, LockRecord record) => record with
    {
        LastToken = record.LastToken + 1,
        Holder = new LockHolder { RequestId = holder.RequestId, Token = record.LastToken + 1, Owner = holder.Owner, Lease = holder.Lease },
    };

    private async Task WriteBehindItsBackAsync(ILockGrain grain, Func<LockRecord, LockRecord> change)
    {
        var storage = Silo.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);
        var state = new GrainState<LockRecord>(new LockRecord());
        await storage.ReadStateAsync("lock", grain.GetGrainId(), state);
        state.State = change(state.State ?? new LockRecord());
        await storage.WriteStateAsync("lock", grain.GetGrainId(), state);
    }
}
