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
    public async Task ReplacedActivation_AskedByTheTrueHolder_FindsOut()
    {
        var (grain, former, holder) = (fixture.Cluster.Client.GetLockGrain(FreshKey()), Ask(), Ask());
        var granted = await grain.AcquireAsync(former).Soon();
        await WriteBehindItsBackAsync(grain, record => HandedTo(holder, record));

        // The old activation does not know this holder. It may not say so before it knows that it is the one to say it.
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.RenewAsync(Renewal(holder, 9, 0)).Soon());
        Assert.Equal(RenewOutcome.Renewed, (await grain.RenewAsync(Renewal(holder, 9, 0)).Soon()).Outcome);
        Assert.Equal(RenewOutcome.NotHolder, (await grain.RenewAsync(Renewal(former, granted.FencingToken, granted.Proof)).Soon()).Outcome);
    }

    [Fact]
    public async Task ReplacedActivation_ThatNeedsToWrite_IsRefusedAndSendsItsWaitersOff()
    {
        var (grain, former, waiter, holder) = (fixture.Cluster.Client.GetLockGrain(FreshKey()), Ask(), Ask(), Ask());
        await grain.AcquireAsync(former).Soon();
        var parked = grain.AcquireAsync(waiter);
        await grain.GetStatusAsync().Soon();
        await WriteBehindItsBackAsync(grain, record => HandedTo(holder, record));

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.BreakAsync(0).Soon());
        Assert.Equal(LockOutcome.Queued, (await parked.WaitAsync(TimeSpan.FromSeconds(8), Token)).Outcome);
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(holder.RequestId, 9).Soon());
        Assert.Equal(10, (await grain.AcquireAsync(waiter).Soon()).FencingToken);
    }

    /// <summary>The next one would otherwise have to wait for the end of all that this one may have granted: 20 s, of which the call waits 10.</summary>
    [Fact]
    public async Task ReplacedActivation_TellsItsSuccessorThatNobodyHoldsTheLock()
    {
        var (grain, former) = (fixture.Cluster.Client.GetLockGrain(FreshKey()), Ask());
        var granted = await grain.AcquireAsync(former).Soon();
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(former.RequestId, granted.FencingToken).Soon());
        await WriteBehindItsBackAsync(grain, record => record);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.RenewAsync(Renewal(Ask(), 9, 0)).Soon());

        Assert.Equal(LockOutcome.Granted, (await grain.AcquireAsync(Ask()).Soon()).Outcome);
    }

    /// <summary>It is waited for like any holder, and can release the lock.</summary>
    [Fact]
    public async Task ReplacedActivation_TellsItsSuccessorWhoHoldsTheLock()
    {
        var (grain, holder) = (fixture.Cluster.Client.GetLockGrain(FreshKey()), Ask());
        var granted = await grain.AcquireAsync(holder).Soon();
        await WriteBehindItsBackAsync(grain, record => record);
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.RenewAsync(Renewal(Ask(), 9, 0)).Soon());

        Assert.Equal(LockOutcome.Queued, (await grain.AcquireAsync(Ask()).Soon()).Outcome);
        Assert.Equal(granted.FencingToken, Assert.Single((await grain.GetStatusAsync().Soon()).Holders).FencingToken);
        Assert.Equal(ReleaseOutcome.Released, await grain.ReleaseAsync(holder.RequestId, granted.FencingToken).Soon());
        Assert.Equal(LockOutcome.Granted, (await grain.AcquireAsync(Ask()).Soon()).Outcome);
    }

    [Fact]
    public async Task Clients_WhenTheActivationIsReplaced_GoOnByThemselves()
    {
        var key = FreshKey();
        var locks = fixture.Service<IDistributedLockProvider>();
        var grain = fixture.Cluster.Client.GetLockGrain(key);
        var handle = await locks.AcquireLockAsync(key, cancellationToken: Token).Soon();
        var waiting = locks.AcquireLockAsync(key, cancellationToken: Token).AsTask();
        while ((await grain.GetStatusAsync().Soon()).WaiterCount < 1)
        {
        }

        await fixture.Cluster.DeactivateAsync(grain).WaitAsync(TimeSpan.FromSeconds(10), Token);

        await handle.DisposeAsync();
        await using var next = await waiting.Soon();
        Assert.Equal(2, next.FencingToken);
    }

    /// <summary>A row as it is stored. Renaming or moving a member, or the type, would lose every lock's token.</summary>
    [Fact]
    public void Record_AsStored_IsStillRead()
    {
        const string Stored =
            """
            {"$id":"1","$type":"OrleansPatterns.Server.Locks.LockRecord, OrleansPatterns.Server","LastToken":4096,"TokenFloor":42,"Horizon":"00:00:20.1500000","HorizonAt":"2026-01-01T00:00:20+00:00","Holders":{"$type":"System.Collections.Immutable.ImmutableArray`1[[OrleansPatterns.Server.Locks.LockRecordHolder, OrleansPatterns.Server]], System.Collections.Immutable","$values":[{"$id":"2","$type":"OrleansPatterns.Server.Locks.LockRecordHolder, OrleansPatterns.Server","RequestId":"0f953876-d6ef-450f-b223-c80bdd70bcf2","Token":42,"Owner":"orders/7","Mode":1,"EndsIn":"00:00:15","HeldFor":"00:00:01"}]},"Secret":"3f2f4f1a-7a0c-4a53-9c1e-0d5a4c3b2a10","WriteId":"8d1f4f1a-7a0c-4a53-9c1e-0d5a4c3b2a11"}
            """;
        var record = new LockRecord
        {
            LastToken = 4096,
            TokenFloor = 42,
            Horizon = TimeSpan.FromMilliseconds(20_150),
            HorizonAt = new DateTimeOffset(2026, 1, 1, 0, 0, 20, TimeSpan.Zero),
            Holders =
            [
                new LockRecordHolder
                {
                    RequestId = new Guid("0f953876-d6ef-450f-b223-c80bdd70bcf2"),
                    Token = 42,
                    Owner = "orders/7",
                    Mode = LockMode.Write,
                    EndsIn = TimeSpan.FromSeconds(15),
                    HeldFor = TimeSpan.FromSeconds(1),
                },
            ],
            Secret = new Guid("3f2f4f1a-7a0c-4a53-9c1e-0d5a4c3b2a10"),
            WriteId = new Guid("8d1f4f1a-7a0c-4a53-9c1e-0d5a4c3b2a11"),
        };
        var serializer = Silo.GetRequiredService<IGrainStorageSerializer>();
        Assert.Equal(Stored, serializer.Serialize(record).ToString());
        var read = serializer.Deserialize<LockRecord>(BinaryData.FromString(Stored))!;
        Assert.Equal(record with { Holders = [] }, read with { Holders = [] });
        Assert.Equal(record.Holders, read.Holders);
    }

    /// <summary>Rows from before claims existed still say which tokens are taken.</summary>
    [Fact]
    public void Record_OfTheFirstForm_StillHasItsToken()
    {
        const string Stored =
            """
            {"$id":"1","$type":"OrleansPatterns.Server.Locks.LockRecord, OrleansPatterns.Server","LastToken":42,"Revision":7}
            """;
        var read = Silo.GetRequiredService<IGrainStorageSerializer>().Deserialize<LockRecord>(BinaryData.FromString(Stored))!;
        var state = LockClaims.Restore(read, new LockMoment(TimeSpan.Zero, null), Guid.NewGuid(), firstToken: 1);
        Assert.Equal((43L, TimeSpan.Zero), (state.NextToken, state.GrantsFrom));
    }

    private static LockRenewal Renewal(LockRequest request, long token, long proof) => new()
    {
        RequestId = request.RequestId, FencingToken = token, Proof = proof, Lease = request.Lease, Owner = request.Owner,
    };

    /// <summary>As a successor writes that had granted the lock to somebody else and handed on.</summary>
    private static LockRecord HandedTo(LockRequest holder, LockRecord record) => record with
    {
        LastToken = 9,
        Horizon = TimeSpan.Zero,
        WriteId = Guid.NewGuid(),
        Holders =
        [
            new LockRecordHolder
            {
                RequestId = holder.RequestId, Token = 9, Owner = holder.Owner, Mode = LockMode.Write, EndsIn = holder.Lease,
            },
        ],
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
