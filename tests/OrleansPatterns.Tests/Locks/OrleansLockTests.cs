using Medallion.Threading;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class OrleansLockTests(MemoryCluster fixture)
{
    private IDistributedLockProvider Locks => fixture.Service<IDistributedLockProvider>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AcquireLock_FreeAndHeld_ExcludesAndHandsOver()
    {
        var key = FreshKey();
        Task<IDistributedSynchronizationHandle> waiting;
        await using (var handle = await Locks.AcquireLockAsync(key, cancellationToken: Token).Soon())
        {
            Assert.Equal(1, handle.FencingToken);
            Assert.Null(await Locks.TryAcquireLockAsync(key, cancellationToken: Token).Soon());
            waiting = Locks.AcquireLockAsync(key, cancellationToken: Token).AsTask();
            await QueuedAsync(key);
            Assert.False(waiting.IsCompleted);
        }

        await using var next = await waiting.Soon();
        Assert.Equal(2, next.FencingToken);
    }

    [Fact]
    public async Task AcquireLock_FromASilo_IsTheSameLock()
    {
        var key = FreshKey();
        var inSilo = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<IDistributedLockProvider>(
            fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[1].SiloAddress));
        await using var handle = await inSilo.AcquireLockAsync(key, cancellationToken: Token).Soon();
        Assert.Null(await Locks.TryAcquireLockAsync(key, cancellationToken: Token).Soon());
    }

    [Fact]
    public async Task TryAcquire_WhenTimeIsUp_IsNullAndLeavesNoWaiter()
    {
        var key = FreshKey();
        await using var handle = await Locks.AcquireLockAsync(key, cancellationToken: Token).Soon();
        Assert.Null(await Locks.TryAcquireLockAsync(key, TimeSpan.FromMilliseconds(50), Token).Soon());
        Assert.Equal(0, (await fixture.Cluster.Client.GetLockGrain(key).GetStatusAsync().Soon()).Waiters);
    }

    [Fact]
    public async Task Acquire_WhenTimeIsUp_Throws()
    {
        var key = FreshKey();
        await using var handle = await Locks.AcquireLockAsync(key, cancellationToken: Token).Soon();
        var exception = await Assert.ThrowsAsync<TimeoutException>(
            () => Locks.AcquireLockAsync(key, TimeSpan.FromMilliseconds(50), Token).Soon());
        Assert.StartsWith($"Lock '{key}' was held by others", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() => Locks.AcquireLockAsync(key, TimeSpan.Zero, Token).Soon());
    }

    [Fact]
    public async Task Acquire_Cancelled_LeavesNoGhost()
    {
        var key = FreshKey();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var handle = await Locks.AcquireLockAsync(key, cancellationToken: Token).Soon();
        var cancelled = Locks.AcquireLockAsync(key, cancellationToken: cancellation.Token).AsTask();
        await QueuedAsync(key);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());

        Assert.Equal(0, (await fixture.Cluster.Client.GetLockGrain(key).GetStatusAsync().Soon()).Waiters);
        await handle.DisposeAsync();
        await using var next = await Locks.TryAcquireLockAsync(key, cancellationToken: Token).Soon();
        Assert.Equal(2, next?.FencingToken);
    }

    [Fact]
    public void Acquire_WithACancelledToken_IsACancelledTask()
    {
        var @lock = Locks.CreateLock(FreshKey());
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.True(@lock.AcquireAsync(cancellationToken: cancellation.Token).AsTask().IsCanceled);
        Assert.True(@lock.TryAcquireAsync(cancellationToken: cancellation.Token).AsTask().IsCanceled);
        Assert.ThrowsAny<OperationCanceledException>(() => @lock.Acquire(cancellationToken: cancellation.Token));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData((double)int.MaxValue + 1)]
    public void Acquire_WithATimeoutOutOfBounds_ThrowsBeforeAnythingIsAwaited(double milliseconds)
    {
        var @lock = Locks.CreateLock(FreshKey());
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => { _ = @lock.AcquireAsync(timeout, Token).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => { _ = @lock.TryAcquireAsync(timeout, Token).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => @lock.Acquire(timeout, Token));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => @lock.TryAcquire(timeout, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public void CreateLock_WithAnImpossibleName_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(nameof(name), () => Locks.CreateLock(name));

    [Fact]
    public void CreateLock_KeepsTheName() => Assert.Equal("a+b/2A", Locks.CreateLock("a+b/2A").Name);

    [Fact]
    public async Task SynchronousTwins_UnderASynchronizationContextThatNeverPumps_DoNotDeadlock()
    {
        var key = FreshKey();
        var tokens = await Task.Factory.StartNew(
            () =>
            {
                SynchronizationContext.SetSynchronizationContext(new DeadContext());
                try
                {
                    using var first = Locks.AcquireLock(key, cancellationToken: Token);
                    Assert.Null(Locks.TryAcquireLock(key, cancellationToken: Token));
                    return first.FencingToken;
                }
                finally
                {
                    SynchronizationContext.SetSynchronizationContext(null);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Soon();
        Assert.Equal(1, tokens);
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreDifferentLocks()
    {
        string[] keys = ["2a", "02a", "2A", "123", "0123", "a+b", "2d5f6d0e-7b0c-4a53-9c1e-0d5a4c3b2a10", "2d5f6d0e7b0c4a539c1e0d5a4c3b2a10"];
        for (var round = 1; round <= 2; round++)
        {
            var handles = new List<IDistributedSynchronizationHandle>();
            foreach (var key in keys)
            {
                var handle = await Locks.TryAcquireLockAsync(key, cancellationToken: Token).Soon();
                Assert.NotNull(handle);
                Assert.Equal(round, handle.FencingToken);
                handles.Add(handle);
            }

            foreach (var (key, handle) in keys.Zip(handles))
            {
                await handle.DisposeAsync();
                await fixture.Cluster.DeactivateAsync(fixture.Cluster.Client.GetLockGrain(key)).Soon();
            }
        }
    }

    /// <summary>The grain takes calls in order: once this one is answered, those sent before it have been decided.</summary>
    private async Task QueuedAsync(string key)
    {
        var grain = fixture.Cluster.Client.GetLockGrain(key);
        Assert.Equal(LockOutcome.Busy, (await grain.AcquireAsync(Ask(wait: false)).Soon()).Outcome);
        Assert.Equal(1, (await grain.GetStatusAsync().Soon()).Waiters);
    }

    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
