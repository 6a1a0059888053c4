using Medallion.Threading;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class SemaphoreTests(MemoryCluster fixture) : LockClusterTests(fixture.Cluster)
{
    private readonly string _name = FreshKey();

    [Fact]
    public async Task Acquire_LetsInAsManyAsItHasPlaces()
    {
        var semaphore = Semaphores.CreateSemaphore(_name, 3);
        var handles = await EnterAsync(semaphore, 3);
        Assert.Equal([1, 2, 3], handles.Select(handle => handle.FencingToken));
        Assert.Null(await semaphore.TryAcquireAsync(cancellationToken: Token).Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => semaphore.AcquireAsync(TimeSpan.Zero, Token).Soon());

        var status = await StatusAsync(_name);
        Assert.Equal((3, 3L, 0), (status.Permits, status.FencingToken, status.WaiterCount));
        Assert.Equal([1, 2, 3], status.Holders.Select(holder => holder.FencingToken));
        Assert.All(status.Holders, holder => Assert.Equal((LockMode.Permit, DefaultOwner), (holder.Mode, holder.Owner)));

        // Whichever place becomes free is as good as any.
        await handles[1].DisposeAsync();
        await using var next = await semaphore.TryAcquireAsync(cancellationToken: Token).Soon();
        Assert.Equal(4, next?.FencingToken);
        Assert.Null(await semaphore.TryAcquireAsync(cancellationToken: Token).Soon());
        Assert.Equal([1, 3, 4], (await StatusAsync(_name)).Holders.Select(holder => holder.FencingToken));
    }

    [Fact]
    public async Task Waiters_GetThePlacesInTheOrderOfAsking()
    {
        var semaphore = Semaphores.CreateSemaphore(_name, 2);
        var handles = await EnterAsync(semaphore, 2);
        var waiters = new List<Task<IDistributedSynchronizationHandle>>();
        for (var count = 1; count <= 4; count++)
        {
            waiters.Add(semaphore.AcquireAsync(cancellationToken: Token).AsTask());
            await QueuedAsync(_name, count);
        }

        for (var turn = 0; turn < waiters.Count; turn++)
        {
            await handles[turn].DisposeAsync();
            handles.Add(await waiters[turn].Soon());
            Assert.Equal(turn + 3, handles[^1].FencingToken);
            var status = await StatusAsync(_name);
            Assert.Equal((2, 3 - turn), (status.Holders.Length, status.WaiterCount));
            Assert.All(waiters.Skip(turn + 1), later => Assert.False(later.IsCompleted));
        }
    }

    [Fact]
    public async Task Holders_UnderContention_AreNeverMoreThanItsPlaces()
    {
        var semaphore = Semaphores.CreateSemaphore(_name, 3);
        var (inside, grants) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () =>
            {
                for (var round = 0; round < 15; round++)
                {
                    await using var handle = await semaphore.AcquireAsync(cancellationToken: Token);
                    Assert.InRange(Interlocked.Increment(ref inside), 1, 3);
                    Interlocked.Increment(ref grants);
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
            },
            Token))).Soon();
        Assert.Equal((120, 120L), (grants, (await FreeAsync(_name)).FencingToken));
    }

    [Fact]
    public async Task SynchronousTwins_CountThePlacesAsWell()
    {
        var semaphore = Semaphores.CreateSemaphore(_name, 2);
        var tokens = await DeadContext.RunAsync(() =>
        {
            using var first = semaphore.Acquire(cancellationToken: Token);
            using var second = semaphore.TryAcquire(cancellationToken: Token);
            Assert.Null(semaphore.TryAcquire(cancellationToken: Token));
            Assert.Throws<TimeoutException>(() => semaphore.Acquire(TimeSpan.Zero, Token));
            return (first.FencingToken, second?.FencingToken);
        });
        Assert.Equal((1L, 2L), tokens);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public async Task Create_OfASizeAtItsBounds_IsASemaphoreOfThatSize(int maxCount)
    {
        var semaphore = Semaphores.CreateSemaphore(_name, maxCount);
        Assert.Equal((_name, maxCount), (semaphore.Name, semaphore.MaxCount));
        await using var handle = await semaphore.AcquireAsync(cancellationToken: Token).Soon();
        Assert.Equal(maxCount, (await StatusAsync(_name)).Permits);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Create_WithoutAPlace_IsRefused(int maxCount) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(maxCount), () => Semaphores.CreateSemaphore(_name, maxCount));

    [Fact]
    public void Create_WithoutAName_IsRefused() => Assert.Throws<ArgumentNullException>("name", () => Semaphores.CreateSemaphore(null!, 1));

    [Theory]
    [InlineData(2, 3, "a semaphore of 2", "a semaphore of 3")]
    [InlineData(3, 2, "a semaphore of 3", "a semaphore of 2")]
    [InlineData(1, 0, "a semaphore of 1", "a lock")]
    [InlineData(0, 1, "a lock", "a semaphore of 1")]
    public async Task Acquire_OfANameInUseAsAnotherKind_IsRefusedAndChangesNothing(int inUse, int askedFor, string kindInUse, string kindAskedFor)
    {
        await using var holder = await Create(inUse).AcquireAsync(cancellationToken: Token).Soon();
        var other = Create(askedFor);
        var exceptions = new[]
        {
            await Assert.ThrowsAsync<LockKindException>(() => other.TryAcquireAsync(cancellationToken: Token).Soon()),
            await Assert.ThrowsAsync<LockKindException>(() => other.TryAcquireAsync(SafetyNet, Token).Soon()),
            await Assert.ThrowsAsync<LockKindException>(() => other.AcquireAsync(cancellationToken: Token).Soon()),
            Assert.Throws<LockKindException>(() => other.TryAcquire(cancellationToken: Token)),
            Assert.Throws<LockKindException>(() => other.Acquire(cancellationToken: Token)),
        };
        Assert.All(exceptions, exception =>
        {
            Assert.Equal(
                $"'{_name}' is in use as {kindInUse} and was asked for as {kindAskedFor}. "
                + "Use another name, or the same size everywhere; a name that nobody holds or waits for takes the new kind.",
                exception.Message);
            Assert.Equal((_name, inUse, askedFor), (exception.LockName, exception.PermitsInUse, exception.PermitsAskedFor));
        });

        var status = await StatusAsync(_name);
        Assert.Equal((inUse, 1L, 0), (status.Permits, status.FencingToken, status.WaiterCount));
        Assert.Equal(1, Assert.Single(status.Holders).FencingToken);
        Assert.False(holder.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task Acquire_OfANameInUseByReaders_IsRefused()
    {
        var @lock = ReaderWriterLocks.CreateUpgradeableReaderWriterLock(_name);
        await using var reader = await @lock.AcquireReadLockAsync(cancellationToken: Token).Soon();
        await Assert.ThrowsAsync<LockKindException>(() => Semaphores.TryAcquireSemaphoreAsync(_name, 2, cancellationToken: Token).Soon());
        await using var next = await @lock.TryAcquireReadLockAsync(cancellationToken: Token).Soon();
        Assert.Equal(2, next?.FencingToken);
    }

    [Fact]
    public async Task Refusal_OfAnotherKind_LeavesThoseWhoWaitTheirPlaces()
    {
        var semaphore = Semaphores.CreateSemaphore(_name, 1);
        var handle = await semaphore.AcquireAsync(cancellationToken: Token).Soon();
        var waiting = semaphore.AcquireAsync(cancellationToken: Token).AsTask();
        await QueuedAsync(_name, 1);
        await Assert.ThrowsAsync<LockKindException>(() => Locks.AcquireLockAsync(_name, cancellationToken: Token).Soon());
        await Assert.ThrowsAsync<LockKindException>(() => Semaphores.AcquireSemaphoreAsync(_name, 2, cancellationToken: Token).Soon());
        await QueuedAsync(_name, 1);

        await handle.DisposeAsync();
        await using var next = await waiting.Soon();
        Assert.Equal(2, next.FencingToken);
    }

    [Fact]
    public async Task Name_ThatIsFreeAgain_TakesAnyKindAndItsTokensGrowOn()
    {
        var token = 0L;
        foreach (var permits in new[] { 2, 0, 3, 1, 0 })
        {
            await using (var handle = await Create(permits).AcquireAsync(cancellationToken: Token).Soon())
            {
                Assert.Equal(++token, handle.FencingToken);
                Assert.Equal(permits, (await StatusAsync(_name)).Permits);
            }

            await FreeAsync(_name);
        }
    }

    [Fact]
    public async Task Name_RightAfterTheLastRelease_TakesAnotherKind()
    {
        for (var round = 1; round <= 50; round++)
        {
            await using var handle = await Create(round % 3).TryAcquireAsync(cancellationToken: Token).Soon();
            Assert.Equal(round, handle?.FencingToken);
        }
    }

    [Fact]
    public async Task Name_OfWhichOnePlaceIsStillTaken_KeepsItsKind()
    {
        var handles = await EnterAsync(Semaphores.CreateSemaphore(_name, 2), 2);
        await handles[0].DisposeAsync();
        await Operations.UntilAsync(_name, status => status.Holders.Length == 1);
        var exception = await Assert.ThrowsAsync<LockKindException>(() => Locks.TryAcquireLockAsync(_name, cancellationToken: Token).Soon());
        Assert.Equal((2, 0), (exception.PermitsInUse, exception.PermitsAskedFor));

        await handles[1].DisposeAsync();
        await FreeAsync(_name);
        await using var holder = await Locks.TryAcquireLockAsync(_name, cancellationToken: Token).Soon();
        Assert.Equal(3, holder?.FencingToken);
    }

    private static async Task<List<IDistributedSynchronizationHandle>> EnterAsync(IDistributedSemaphore semaphore, int count)
    {
        var handles = new List<IDistributedSynchronizationHandle>();
        while (handles.Count < count)
        {
            handles.Add(await semaphore.AcquireAsync(cancellationToken: Token).Soon());
        }

        return handles;
    }

    /// <summary>A semaphore, or the lock for 0 places.</summary>
    private IDistributedLock Create(int permits) =>
        permits == 0 ? Locks.CreateLock(_name) : new SemaphoreOfOne(Semaphores.CreateSemaphore(_name, permits));
}
