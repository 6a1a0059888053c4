using Medallion.Threading;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class ReaderWriterLockTests(MemoryCluster fixture) : LockClusterTests(fixture.Cluster)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    private readonly IDistributedUpgradeableReaderWriterLock _lock =
        fixture.Service<IDistributedUpgradeableReaderWriterLockProvider>().CreateUpgradeableReaderWriterLock(FreshKey());

    [Fact]
    public async Task Readers_ShareTheLockAndKeepAWriterOutUntilTheLastLeaves()
    {
        var first = await ReadAsync().Soon();
        var second = await TryReadAsync();
        Assert.Equal((1L, 2L), (first.FencingToken, second?.FencingToken));
        Assert.Null(await TryWriteAsync());
        var writing = WriteAsync();
        await QueuedAsync(_lock.Name, 1);

        await first.DisposeAsync();
        await Operations.UntilAsync(_lock.Name, status => status.Holders.Length == 1);
        Assert.Equal("Read 2; 1 waits", await SummaryAsync());
        Assert.False(writing.IsCompleted);

        await second!.DisposeAsync();
        await using var writer = await writing.Soon();
        Assert.Equal("Write 3; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task Writer_KeepsEverybodyElseOut()
    {
        var writer = await WriteAsync().Soon();
        Assert.Null(await TryReadAsync());
        Assert.Null(await TryUpgradeableAsync());
        Assert.Null(await TryWriteAsync());
        Assert.Null(await Locks.TryAcquireLockAsync(_lock.Name, cancellationToken: Token).Soon());
        var reading = ReadAsync();
        await QueuedAsync(_lock.Name, 1);
        Assert.Equal("Write 1; 1 waits", await SummaryAsync());

        await writer.DisposeAsync();
        await using var reader = await reading.Soon();
        Assert.Equal("Read 2; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task PlainLock_OfTheSameName_IsTheWriter()
    {
        await using var holder = await Locks.AcquireLockAsync(_lock.Name, cancellationToken: Token).Soon();
        Assert.Null(await TryReadAsync());
        Assert.Null(await TryUpgradeableAsync());
        Assert.Equal("Write 1; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task Readers_BehindAWaitingWriter_WaitAndGoInTogetherAfterIt()
    {
        var reader = await ReadAsync().Soon();
        var writing = await QueueAsync(WriteAsync, 1);
        Assert.Null(await TryReadAsync());
        var readings = new[] { await QueueAsync(ReadAsync, 2), await QueueAsync(ReadAsync, 3) };
        var upgradeableReading = await QueueAsync(UpgradeableAsync, 4);
        var nextWriting = await QueueAsync(WriteAsync, 5);
        var lastReading = await QueueAsync(ReadAsync, 6);
        Assert.Equal("Read 1; 6 wait", await SummaryAsync());

        await reader.DisposeAsync();
        var writer = await writing.Soon();
        Assert.Equal("Write 2; 5 wait", await SummaryAsync());

        await writer.DisposeAsync();
        var readers = await Task.WhenAll(readings).Soon();
        var upgradeable = await upgradeableReading.Soon();
        Assert.Equal("Read 3, Read 4, UpgradeableRead 5; 2 wait", await SummaryAsync());
        Assert.Equal([3, 4], readers.Select(each => each.FencingToken));

        await readers[0].DisposeAsync();
        await readers[1].DisposeAsync();
        await upgradeable.DisposeAsync();
        var nextWriter = await nextWriting.Soon();
        Assert.Equal("Write 6; 1 waits", await SummaryAsync());

        await nextWriter.DisposeAsync();
        await using var last = await lastReading.Soon();
        Assert.Equal("Read 7; 0 wait", await SummaryAsync());
    }

    /// <summary>Nobody reads beside a writer, nobody writes beside anybody, and writers get in although readers never cease.</summary>
    [Fact]
    public async Task ReadersAndWriters_UnderContention_NeverMeet()
    {
        var (readers, writers, written) = (0, 0, 0);
        using var isWritten = new CancellationTokenSource();
        var reading = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                while (!isWritten.IsCancellationRequested)
                {
                    await using var handle = await _lock.AcquireReadLockAsync(cancellationToken: Token);
                    Interlocked.Increment(ref readers);
                    Assert.Equal(0, Volatile.Read(ref writers));
                    await Task.Yield();
                    Interlocked.Decrement(ref readers);
                }
            },
            Token)).ToList();
        var writing = Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                for (var round = 0; round < 20; round++)
                {
                    await using var handle = await _lock.AcquireWriteLockAsync(cancellationToken: Token);
                    Assert.Equal((1, 0), (Interlocked.Increment(ref writers), Volatile.Read(ref readers)));
                    written++;
                    await Task.Yield();
                    Interlocked.Decrement(ref writers);
                }
            },
            Token)).ToList();
        try
        {
            await Task.WhenAll(writing).Soon();
        }
        finally
        {
            await isWritten.CancelAsync();
        }

        await Task.WhenAll(reading).Soon();
        Assert.Equal(40, written);
    }

    [Fact]
    public async Task UpgradeableReader_SharesWithReadersOnly()
    {
        await using var before = await ReadAsync().Soon();
        var upgradeable = await TryUpgradeableAsync();
        await using var after = await TryReadAsync();
        Assert.Equal("Read 1, UpgradeableRead 2, Read 3; 0 wait", await SummaryAsync());
        Assert.Null(await TryUpgradeableAsync());
        Assert.Null(await TryWriteAsync());
        var next = await QueueAsync(UpgradeableAsync, 1);

        await upgradeable!.DisposeAsync();
        await using var second = await next.Soon();
        Assert.Equal("Read 1, Read 3, UpgradeableRead 4; 0 wait", await SummaryAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryUpgrade_Alone_IsTheWriterAtOnce(bool isSynchronous)
    {
        var handle = await UpgradeableAsync().Soon();
        Assert.True(await TryUpgradeAsync(handle, isSynchronous, TimeSpan.Zero));
        Assert.Equal(2, handle.FencingToken);
        Assert.Equal("Write 2; 0 wait", await SummaryAsync());
        await AssertIsFreedByAsync(handle, nextToken: 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryUpgrade_WhenTheReadersLeave_IsTheWriter(bool isSynchronous)
    {
        var handle = await UpgradeableAsync().Soon();
        var lost = handle.HandleLostToken;
        var reader = await ReadAsync().Soon();
        var upgrading = TryUpgradeAsync(handle, isSynchronous, SafetyNet);
        await QueuedAsync(_lock.Name, 1);
        Assert.Null(await TryReadAsync());
        Assert.Equal((1L, "UpgradeableRead 1, Read 2; 1 waits"), (handle.FencingToken, await SummaryAsync()));

        await reader.DisposeAsync();
        Assert.True(await upgrading.Soon());
        Assert.Equal((3L, "Write 3; 0 wait"), (handle.FencingToken, await SummaryAsync()));
        Assert.Null(await TryReadAsync());
        Assert.Null(await TryUpgradeableAsync());
        Assert.False(lost.IsCancellationRequested);
        await AssertIsFreedByAsync(handle, nextToken: 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryUpgrade_WhenTimeIsUp_LeavesTheUpgradeableReadAsItWas(bool isSynchronous)
    {
        await using var handle = await UpgradeableAsync().Soon();
        var reader = await ReadAsync().Soon();
        Assert.False(await TryUpgradeAsync(handle, isSynchronous, TimeSpan.Zero));
        Assert.False(await TryUpgradeAsync(handle, isSynchronous, Short));
        await AssertIsStillUpgradeableAsync(handle, reader);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryUpgrade_CancelledWhileWaiting_LeavesTheUpgradeableReadAsItWas(bool isSynchronous)
    {
        await using var handle = await UpgradeableAsync().Soon();
        var reader = await ReadAsync().Soon();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var upgrading = TryUpgradeAsync(handle, isSynchronous, Timeout.InfiniteTimeSpan, cancellation.Token);
        await QueuedAsync(_lock.Name, 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upgrading.Soon());
        await AssertIsStillUpgradeableAsync(handle, reader);
    }

    [Fact]
    public async Task Upgrade_WhenTimeIsUp_ThrowsAndLeavesTheUpgradeableReadAsItWas()
    {
        await using var handle = await UpgradeableAsync().Soon();
        var reader = await ReadAsync().Soon();
        var exception = await Assert.ThrowsAsync<TimeoutException>(() => handle.UpgradeToWriteLockAsync(Short, Token).AsTask().Soon());
        Assert.Equal(
            $"Lock '{_lock.Name}' was held by others for the 00:00:00.0500000 of the timeout. Wait longer, or see ILockOperations.GetStatusAsync for who holds it.",
            exception.Message);
        Assert.True(await DeadContext.RunAsync(() => Assert.Throws<TimeoutException>(() => handle.UpgradeToWriteLock(Short, Token)) is not null));
        await AssertIsStillUpgradeableAsync(handle, reader);
    }

    [Fact]
    public async Task Upgrade_WithACancelledToken_IsACancelledTaskAndAsksNobody()
    {
        await using var handle = await UpgradeableAsync().Soon();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        Assert.True(handle.TryUpgradeToWriteLockAsync(cancellationToken: cancellation.Token).AsTask().IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handle.UpgradeToWriteLockAsync(cancellationToken: cancellation.Token).AsTask().Soon());
        Assert.ThrowsAny<OperationCanceledException>(() => handle.TryUpgradeToWriteLock(cancellationToken: cancellation.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => handle.UpgradeToWriteLock(cancellationToken: cancellation.Token));
        Assert.Equal("UpgradeableRead 1; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task Upgrade_GoesAheadOfWhoeverWaits()
    {
        var handle = await UpgradeableAsync().Soon();
        var reader = await ReadAsync().Soon();
        var writing = await QueueAsync(WriteAsync, 1);
        var upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask();
        await QueuedAsync(_lock.Name, 2);

        await reader.DisposeAsync();
        await upgrading.Soon();
        Assert.Equal((3L, "Write 3; 1 waits"), (handle.FencingToken, await SummaryAsync()));

        await handle.DisposeAsync();
        await using var writer = await writing.Soon();
        Assert.Equal("Write 4; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task Upgrade_Twice_ThrowsAndChangesNothing()
    {
        var handle = await UpgradeableAsync().Soon();
        await handle.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask().Soon();
        var exceptions = new[]
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => handle.TryUpgradeToWriteLockAsync(SafetyNet, Token).Soon()),
            await Assert.ThrowsAsync<InvalidOperationException>(() => handle.UpgradeToWriteLockAsync(SafetyNet, Token).AsTask().Soon()),
            Assert.Throws<InvalidOperationException>(() => handle.TryUpgradeToWriteLock(SafetyNet, Token)),
            Assert.Throws<InvalidOperationException>(() => handle.UpgradeToWriteLock(SafetyNet, Token)),
        };
        Assert.All(exceptions, exception => Assert.Equal($"The lock '{_lock.Name}' has been upgraded to a write lock already.", exception.Message));
        Assert.Equal((2L, "Write 2; 0 wait"), (handle.FencingToken, await SummaryAsync()));
        await AssertIsFreedByAsync(handle, nextToken: 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upgrade_OfADisposedHandle_ThrowsBeforeAnythingIsAwaited(bool isUpgraded)
    {
        var handle = await UpgradeableAsync().Soon();
        Assert.Equal(isUpgraded, isUpgraded && await handle.TryUpgradeToWriteLockAsync(cancellationToken: Token).Soon());
        await handle.DisposeAsync();
        var token = handle.FencingToken;
        Assert.Throws<ObjectDisposedException>(() => { _ = handle.TryUpgradeToWriteLockAsync(SafetyNet, Token).AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = handle.UpgradeToWriteLockAsync(SafetyNet, Token).AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => handle.TryUpgradeToWriteLock(SafetyNet, Token));
        Assert.Throws<ObjectDisposedException>(() => handle.UpgradeToWriteLock(SafetyNet, Token));
        Assert.Equal((isUpgraded ? 2L : 1L, token), (token, (await FreeAsync(_lock.Name)).FencingToken));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData((double)int.MaxValue + 1)]
    public async Task Upgrade_WithATimeoutOutOfBounds_ThrowsBeforeAnythingIsAwaited(double milliseconds)
    {
        await using var handle = await UpgradeableAsync().Soon();
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => { _ = handle.TryUpgradeToWriteLockAsync(timeout, Token).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => { _ = handle.UpgradeToWriteLockAsync(timeout, Token).AsTask(); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => handle.TryUpgradeToWriteLock(timeout, Token));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(timeout), () => handle.UpgradeToWriteLock(timeout, Token));
        Assert.Equal("UpgradeableRead 1; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task Upgrade_OfABrokenHold_Throws()
    {
        await using var handle = await UpgradeableAsync().Soon();
        await using var reader = await ReadAsync().Soon();
        var upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask();
        await QueuedAsync(_lock.Name, 1);
        Assert.Equal(1, await Operations.BreakAsync(_lock.Name, handle.FencingToken, Token).Soon());
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => upgrading.Soon());
        Assert.Equal($"The upgradeable read lock '{_lock.Name}' is lost and cannot become a write lock. Acquire it anew.", exception.Message);
        Assert.Equal("Read 2; 0 wait", await SummaryAsync());
    }

    [Fact]
    public async Task FencingTokens_GrowOverAllModes()
    {
        var tokens = new List<long>();
        await using (var reader = await ReadAsync().Soon())
        {
            tokens.Add(reader.FencingToken);
        }

        await using (var upgradeable = await UpgradeableAsync().Soon())
        {
            tokens.Add(upgradeable.FencingToken);
            await upgradeable.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask().Soon();
            tokens.Add(upgradeable.FencingToken);
        }

        await using (var writer = await WriteAsync().Soon())
        {
            tokens.Add(writer.FencingToken);
        }

        await using (var plain = await Locks.AcquireLockAsync(_lock.Name, cancellationToken: Token).Soon())
        {
            tokens.Add(plain.FencingToken);
        }

        await using var last = await ReadAsync().Soon();
        Assert.Equal([1, 2, 3, 4, 5, 6], [.. tokens, last.FencingToken]);
    }

    [Fact]
    public async Task Upgrade_OfAHandleThatIsDisposedMeanwhile_Throws()
    {
        var handle = await _lock.AcquireUpgradeableReadLockAsync(cancellationToken: Token).Soon();
        await using var reader = await _lock.AcquireReadLockAsync(cancellationToken: Token).Soon();
        var upgrading = handle.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask();
        await QueuedAsync(_lock.Name, 1);
        await handle.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => upgrading.Soon());
        Assert.Equal(2, Assert.Single((await StatusAsync(_lock.Name)).Holders).FencingToken);
    }

    [Fact]
    public async Task SynchronousTwins_OfReadersAndUpgradeableReaders_DoNotDeadlock()
    {
        var tokens = await DeadContext.RunAsync(() =>
        {
            using var reader = _lock.AcquireReadLock(cancellationToken: Token);
            using var second = _lock.TryAcquireReadLock(cancellationToken: Token);
            using var upgradeable = _lock.AcquireUpgradeableReadLock(cancellationToken: Token);
            Assert.Null(_lock.TryAcquireUpgradeableReadLock(Short, Token));
            Assert.Throws<TimeoutException>(() => _lock.AcquireUpgradeableReadLock(Short, Token));
            upgradeable.Dispose();
            using var next = _lock.TryAcquireUpgradeableReadLock(cancellationToken: Token);
            return (reader.FencingToken, second?.FencingToken, upgradeable.FencingToken, next?.FencingToken);
        });
        Assert.Equal((1L, 2L, 3L, 4L), tokens);
    }

    private static Task<bool> TryUpgradeAsync(
        IDistributedLockUpgradeableHandle handle, bool isSynchronous, TimeSpan timeout, CancellationToken? cancellationToken = null) => isSynchronous
        ? DeadContext.RunAsync(() => handle.TryUpgradeToWriteLock(timeout, cancellationToken ?? Token))
        : handle.TryUpgradeToWriteLockAsync(timeout, cancellationToken ?? Token).Soon();

    private async Task AssertIsStillUpgradeableAsync(IDistributedLockUpgradeableHandle handle, IDistributedSynchronizationHandle reader)
    {
        Assert.Equal((1L, "UpgradeableRead 1, Read 2; 0 wait"), (handle.FencingToken, await SummaryAsync()));
        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        Assert.Null(await TryUpgradeableAsync());
        await using (var another = await TryReadAsync())
        {
            Assert.Equal(3, another?.FencingToken);
        }

        await reader.DisposeAsync();
        await handle.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask().Soon();
        Assert.Equal((4L, "Write 4; 0 wait"), (handle.FencingToken, await SummaryAsync()));
    }

    private async Task AssertIsFreedByAsync(IDistributedLockUpgradeableHandle handle, long nextToken)
    {
        await handle.DisposeAsync();
        await using var next = await TryWriteAsync();
        Assert.Equal(nextToken, next?.FencingToken);
    }

    /// <summary>Asks, and waits until the request is the last of so many in the queue.</summary>
    private async Task<Task<T>> QueueAsync<T>(Func<Task<T>> ask, int count)
    {
        var asking = ask();
        await QueuedAsync(_lock.Name, count);
        return asking;
    }

    private async Task<string> SummaryAsync()
    {
        var status = await StatusAsync(_lock.Name);
        Assert.Equal(0, status.Permits);
        return $"{string.Join(", ", status.Holders.Select(holder => $"{holder.Mode} {holder.FencingToken}"))}; "
            + $"{status.WaiterCount} {(status.WaiterCount == 1 ? "waits" : "wait")}";
    }

    private Task<IDistributedSynchronizationHandle> ReadAsync() => _lock.AcquireReadLockAsync(cancellationToken: Token).AsTask();

    private Task<IDistributedSynchronizationHandle?> TryReadAsync() => _lock.TryAcquireReadLockAsync(cancellationToken: Token).Soon();

    private Task<IDistributedSynchronizationHandle> WriteAsync() => _lock.AcquireWriteLockAsync(cancellationToken: Token).AsTask();

    private Task<IDistributedSynchronizationHandle?> TryWriteAsync() => _lock.TryAcquireWriteLockAsync(cancellationToken: Token).Soon();

    private Task<IDistributedLockUpgradeableHandle> UpgradeableAsync() => _lock.AcquireUpgradeableReadLockAsync(cancellationToken: Token).AsTask();

    private Task<IDistributedLockUpgradeableHandle?> TryUpgradeableAsync() => _lock.TryAcquireUpgradeableReadLockAsync(cancellationToken: Token).Soon();
}
