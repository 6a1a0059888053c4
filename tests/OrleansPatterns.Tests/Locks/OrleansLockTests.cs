using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class OrleansLockTests(MemoryCluster fixture) : LockContractSuite(fixture.Cluster)
{
    protected override IDistributedLock Create(string name) => Locks.CreateLock(name);

    [Fact]
    public async Task AcquireLock_FromASilo_IsTheSameLock()
    {
        var key = FreshKey();
        var inSilo = Cluster.GetSiloServiceProvider(Cluster.Silos[1].SiloAddress).GetRequiredService<IDistributedLockProvider>();
        await using (await inSilo.AcquireLockAsync(key, cancellationToken: Token).Soon())
        {
            Assert.Null(await Locks.TryAcquireLockAsync(key, cancellationToken: Token).Soon());
        }

        await FreeAsync(key);
        await using var next = await Locks.TryAcquireLockAsync(key, cancellationToken: Token).Soon();
        Assert.Equal(2, next?.FencingToken);
    }

    [Fact]
    public Task Name_Empty_IsTakenAndKept() => AssertNameIsTakenAsync("");

    /// <summary>Bare, as nothing but the whole key shows whether somebody reads them as numbers or GUIDs.</summary>
    [Fact]
    public Task Names_ThatLookLikeTheSameNumber_AreDifferentLocks() => AssertAreDifferentLocksAsync(
        ["2a", "02a", "2A", "123", "0123", "a+b", "2d5f6d0e-7b0c-4a53-9c1e-0d5a4c3b2a10", "2d5f6d0e7b0c4a539c1e0d5a4c3b2a10", "2D5F6D0E-7B0C-4A53-9C1E-0D5A4C3B2A10"]);
}
