using Medallion.Threading;
using Orleans.TestingHost;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What Medallion's contract, and ours beyond it, say of everything that one holder at a time may hold.</summary>
public abstract class LockContractSuite(TestCluster cluster) : LockClusterTests(cluster)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    /// <summary>Each goes before a fresh key.</summary>
    public static TheoryData<string> OddBeginnings => new()
    {
        " ", "\0", "a\nb", "\ud83d", "a\udc00b", new string('n', 600), "sha256:", "lock/2a", "ключ/\U0001F510", "%2F/..",
    };

    protected abstract IDistributedLock Create(string name);

    [Fact]
    public async Task Acquire_FreeAndHeld_ExcludesAndHandsOver()
    {
        var @lock = Create(FreshKey());
        Task<IDistributedSynchronizationHandle> waiting;
        await using (var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon())
        {
            Assert.Equal(1, handle.FencingToken);
            Assert.Null(await @lock.TryAcquireAsync(cancellationToken: Token).Soon());
            waiting = @lock.AcquireAsync(cancellationToken: Token).AsTask();
            await QueuedAsync(@lock.Name, 1);
            Assert.False(waiting.IsCompleted);
        }

        await using var next = await waiting.Soon();
        Assert.Equal(2, next.FencingToken);
        Assert.Null(await @lock.TryAcquireAsync(cancellationToken: Token).Soon());
    }

    [Fact]
    public async Task TryAcquire_ReleasedWithinTheTimeout_IsTheLock()
    {
        var @lock = Create(FreshKey());
        var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        var waiting = @lock.TryAcquireAsync(SafetyNet, Token).AsTask();
        await QueuedAsync(@lock.Name, 1);
        await handle.DisposeAsync();
        await using var next = await waiting.Soon();
        Assert.Equal(2, next?.FencingToken);
    }

    [Fact]
    public async Task TryAcquire_WhenTimeIsUp_IsNullAndLeavesNoGhost()
    {
        var @lock = Create(FreshKey());
        var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        Assert.Null(await @lock.TryAcquireAsync(Short, Token).Soon());
        await AssertNoGhostAsync(@lock, handle);
    }

    [Fact]
    public async Task Acquire_WhenTimeIsUp_ThrowsAndLeavesNoGhost()
    {
        var @lock = Create(FreshKey());
        var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        var exception = await Assert.ThrowsAsync<TimeoutException>(() => @lock.AcquireAsync(Short, Token).Soon());
        Assert.Equal(
            $"Lock '{@lock.Name}' was held by others for the 00:00:00.0500000 of the timeout. Wait longer, or see ILockOperations.GetStatusAsync for who holds it.",
            exception.Message);
        await Assert.ThrowsAsync<TimeoutException>(() => @lock.AcquireAsync(TimeSpan.Zero, Token).Soon());
        await AssertNoGhostAsync(@lock, handle);
    }

    [Fact]
    public async Task Acquire_CancelledWhileWaiting_LeavesNoGhost()
    {
        var @lock = Create(FreshKey());
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        var acquiring = @lock.AcquireAsync(cancellationToken: cancellation.Token).AsTask();
        var trying = @lock.TryAcquireAsync(Timeout.InfiniteTimeSpan, cancellation.Token).AsTask();
        var blocked = Task.Factory.StartNew(
            () => @lock.Acquire(cancellationToken: cancellation.Token), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await QueuedAsync(@lock.Name, 3);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acquiring.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trying.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked.Soon());
        Assert.True(acquiring.IsCanceled);
        Assert.True(trying.IsCanceled);
        await AssertNoGhostAsync(@lock, handle);
    }

    [Fact]
    public async Task Acquire_WithACancelledToken_IsACancelledTaskAndAsksNobody()
    {
        var @lock = Create(FreshKey());
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        Assert.True(@lock.AcquireAsync(cancellationToken: cancellation.Token).AsTask().IsCanceled);
        Assert.True(@lock.TryAcquireAsync(cancellationToken: cancellation.Token).AsTask().IsCanceled);
        Assert.ThrowsAny<OperationCanceledException>(() => @lock.Acquire(cancellationToken: cancellation.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => @lock.TryAcquire(cancellationToken: cancellation.Token));
        Assert.Equal((false, 0L, 0), await SummaryAsync(@lock.Name));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData((double)int.MaxValue + 1)]
    public async Task Acquire_WithATimeoutOutOfBounds_ThrowsBeforeAnythingIsAwaited(double milliseconds)
    {
        var @lock = Create(FreshKey());
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => { _ = @lock.AcquireAsync(timeout, Token).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => { _ = @lock.TryAcquireAsync(timeout, Token).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => @lock.Acquire(timeout, Token));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => @lock.TryAcquire(timeout, Token));
        Assert.Equal((false, 0L, 0), await SummaryAsync(@lock.Name));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    public async Task Acquire_WithATimeoutAtItsBounds_IsTheLock(double milliseconds)
    {
        var @lock = Create(FreshKey());
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        await using (var handle = await @lock.AcquireAsync(timeout, Token).Soon())
        {
            Assert.Equal(1, handle.FencingToken);
        }

        await using var next = await @lock.TryAcquireAsync(timeout, Token).Soon();
        Assert.Equal(2, next?.FencingToken);
    }

    [Fact]
    public async Task SynchronousTwins_UnderASynchronizationContextThatNeverPumps_DoNotDeadlock()
    {
        var @lock = Create(FreshKey());
        var tokens = await DeadContext.RunAsync(() =>
        {
            using var first = @lock.Acquire(cancellationToken: Token);
            Assert.Null(@lock.TryAcquire(cancellationToken: Token));
            Assert.Null(@lock.TryAcquire(Short, Token));
            Assert.Throws<TimeoutException>(() => @lock.Acquire(Short, Token));
            first.Dispose();
            using var second = @lock.TryAcquire(cancellationToken: Token);
            return (first.FencingToken, second?.FencingToken);
        });
        Assert.Equal((1L, 2L), tokens);
    }

    [Fact]
    public async Task Acquire_ByTheHolderItself_Waits()
    {
        var @lock = Create(FreshKey());
        await using var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        Assert.Null(await @lock.TryAcquireAsync(cancellationToken: Token).Soon());
        Assert.Null(await @lock.TryAcquireAsync(Short, Token).Soon());
        Assert.Null(await Create(@lock.Name).TryAcquireAsync(cancellationToken: Token).Soon());
        Assert.Equal((true, 1L, 0), await SummaryAsync(@lock.Name));
    }

    [Fact]
    public async Task Dispose_OftenAndConcurrently_ReleasesOnceAndHarmsNobody()
    {
        var @lock = Create(FreshKey());
        var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => Task.Run(
            async () =>
            {
                if (turn % 2 == 0)
                {
                    await handle.DisposeAsync();
                }
                else
                {
                    handle.Dispose();
                }
            },
            Token))).Soon();

        await using var next = await @lock.TryAcquireAsync(cancellationToken: Token).Soon();
        Assert.Equal(2, next?.FencingToken);
        handle.Dispose();
        await handle.DisposeAsync();
        Assert.Null(await @lock.TryAcquireAsync(cancellationToken: Token).Soon());
        Assert.Equal((true, 2L, 0), await SummaryAsync(@lock.Name));
    }

    [Fact]
    public async Task Handle_Disposed_KeepsItsFencingTokenOnly()
    {
        var handle = await Create(FreshKey()).AcquireAsync(cancellationToken: Token).Soon();
        var lost = handle.HandleLostToken;
        Assert.True(lost.CanBeCanceled);
        await handle.DisposeAsync();
        Assert.Equal(1, handle.FencingToken);
        Assert.Throws<ObjectDisposedException>(() => handle.HandleLostToken);
        Assert.False(lost.IsCancellationRequested);
    }

    [Fact]
    public async Task TryAcquire_RightAfterDispose_AlwaysSucceeds()
    {
        var @lock = Create(FreshKey());
        for (var round = 1; round <= 500; round++)
        {
            var handle = await @lock.TryAcquireAsync(cancellationToken: Token).Soon();
            Assert.True(handle is not null, $"Round {round} of lock '{@lock.Name}' has met the release of the round before.");
            Assert.Equal(round, handle.FencingToken);
            await handle.DisposeAsync();
        }
    }

    [Fact]
    public async Task Waiters_WhenTheLockIsFree_GetItInTheOrderOfAsking()
    {
        var @lock = Create(FreshKey());
        var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        var waiters = new List<Task<IDistributedSynchronizationHandle>>();
        for (var count = 1; count <= 5; count++)
        {
            waiters.Add(@lock.AcquireAsync(cancellationToken: Token).AsTask());
            await QueuedAsync(@lock.Name, count);
        }

        for (var turn = 0; turn < waiters.Count; turn++)
        {
            await handle.DisposeAsync();
            handle = await waiters[turn].Soon();
            Assert.Equal(turn + 2, handle.FencingToken);
            Assert.All(waiters.Skip(turn + 1), later => Assert.False(later.IsCompleted));
        }

        await handle.DisposeAsync();
        Assert.Equal(6, (await FreeAsync(@lock.Name)).FencingToken);
    }

    [Fact]
    public async Task Holders_UnderContention_AreNeverTwo()
    {
        var @lock = Create(FreshKey());
        var (inside, highest, grants) = (0, 0L, 0);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
            async () =>
            {
                for (var round = 0; round < 20; round++)
                {
                    await using var handle = await @lock.AcquireAsync(cancellationToken: Token);
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    Assert.True(handle.FencingToken > highest, $"Token {handle.FencingToken} after {highest}.");
                    (highest, grants) = (handle.FencingToken, grants + 1);
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
            },
            Token))).Soon();
        Assert.Equal(120, grants);
    }

    [Theory]
    [MemberData(nameof(OddBeginnings), DisableDiscoveryEnumeration = true)]
    public Task Name_HoweverOdd_IsTakenAndKept(string beginning) => AssertNameIsTakenAsync(beginning + FreshKey());

    [Fact]
    public Task Names_ThatLookAlike_AreDifferentLocks()
    {
        var key = FreshKey();
        return AssertAreDifferentLocksAsync([key, key.ToUpperInvariant(), "0" + key, key + " ", key + "/", key + "+", "sha256:" + key, key + "\0", key + "\u0001"]);
    }

    [Fact]
    public void Name_Null_IsRefused() => Assert.Throws<ArgumentNullException>("name", () => Create(null!));

    protected async Task AssertNameIsTakenAsync(string name)
    {
        var @lock = Create(name);
        Assert.Equal(name, @lock.Name);
        await using var handle = await @lock.AcquireAsync(cancellationToken: Token).Soon();
        Assert.Equal(1, handle.FencingToken);
        Assert.Null(await Create(name).TryAcquireAsync(cancellationToken: Token).Soon());
        var exception = await Assert.ThrowsAsync<TimeoutException>(() => @lock.AcquireAsync(TimeSpan.Zero, Token).Soon());
        Assert.StartsWith($"Lock '{name}' was held by others", exception.Message, StringComparison.Ordinal);
        Assert.Equal((true, 1L, 0), await SummaryAsync(name));
    }

    /// <summary>They can be held together, before and after their grains have been away, and each counts its own tokens.</summary>
    protected async Task AssertAreDifferentLocksAsync(string[] names)
    {
        for (var round = 1; round <= 2; round++)
        {
            var handles = new List<IDistributedSynchronizationHandle>();
            foreach (var name in names)
            {
                var handle = await Create(name).TryAcquireAsync(cancellationToken: Token).Soon();
                Assert.True(handle is not null, $"Lock '{name}' is the same as one of those before it in round {round}.");
                Assert.Equal(round, handle.FencingToken);
                handles.Add(handle);
            }

            foreach (var (name, handle) in names.Zip(handles))
            {
                await handle.DisposeAsync();
                await Cluster.DeactivateAsync(Cluster.Client.GetLockGrain(LockName.ToKey(name))).Soon();
            }
        }
    }

    private async Task AssertNoGhostAsync(IDistributedLock @lock, IDistributedSynchronizationHandle handle)
    {
        Assert.Equal((true, 1L, 0), await SummaryAsync(@lock.Name));
        await handle.DisposeAsync();
        await using var next = await @lock.TryAcquireAsync(cancellationToken: Token).Soon();
        Assert.Equal(2, next?.FencingToken);
    }

    private async Task<(bool IsHeld, long Token, int Waiters)> SummaryAsync(string name)
    {
        var status = await StatusAsync(name);
        return (status.IsHeld, status.FencingToken, status.WaiterCount);
    }
}
