using System.Diagnostics;
using Medallion.Threading;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockOperationsTests(MemoryCluster fixture) : LockClusterTests(fixture.Cluster)
{
    /// <summary>By its renewal a holder would hear of a break only after 5 seconds, a third of the default lease.</summary>
    private static readonly TimeSpan WellBeforeRenewal = TimeSpan.FromSeconds(4);

    private readonly string _name = FreshKey();

    private ILockGrain Grain => Cluster.Client.GetLockGrain(_name);

    [Fact]
    public async Task GetStatus_OfALockNobodyHasAskedFor_IsFree()
    {
        var status = await StatusAsync(_name);
        Assert.Equal(
            new LockStatus { IsHeld = false, FencingToken = 0, Permits = 0, Holders = [], Waiters = [], WaiterCount = 0, RecoversIn = TimeSpan.Zero },
            status with { Holders = [], Waiters = [] });
        Assert.Empty(status.Holders);
        Assert.Empty(status.Waiters);
    }

    [Fact]
    public async Task GetStatus_ShowsWhoHoldsAndWhoWaits()
    {
        var watch = Stopwatch.StartNew();
        await Grain.AcquireAsync(Ask() with { Owner = "readers/1", Mode = LockMode.Read }).Soon();
        await Grain.AcquireAsync(Ask() with { Owner = "readers/2", Mode = LockMode.UpgradeableRead }).Soon();
        var writing = Grain.AcquireAsync(Ask() with { Owner = "writers/1" });
        await QueuedAsync(_name, 1);
        var reader = Ask() with { Owner = "readers/3", Mode = LockMode.Read };
        var reading = Grain.AcquireAsync(reader);
        var status = await QueuedAsync(_name, 2);
        Assert.Equal((true, 2L, 0, TimeSpan.Zero), (status.IsHeld, status.FencingToken, status.Permits, status.RecoversIn));
        Assert.Equal(
            [("readers/1", LockMode.Read, 1L), ("readers/2", LockMode.UpgradeableRead, 2L)],
            status.Holders.Select(holder => (holder.Owner, holder.Mode, holder.FencingToken)));
        Assert.Equal([("writers/1", LockMode.Write), ("readers/3", LockMode.Read)], status.Waiters.Select(waiter => (waiter.Owner, waiter.Mode)));

        // By the real clock here; LockExpiryTests has the exact numbers.
        Assert.All(status.Holders, holder => Assert.InRange(holder.HeldFor, TimeSpan.Zero, watch.Elapsed));
        Assert.All(status.Holders, holder => Assert.InRange(holder.ExpiresIn, TimeSpan.Zero, TimeSpan.FromSeconds(15.15)));
        Assert.All(status.Waiters, waiter => Assert.InRange(waiter.WaitingFor, TimeSpan.Zero, watch.Elapsed));
        Assert.True(status.Holders[0].HeldFor > status.Holders[1].HeldFor);
        Assert.True(status.Holders[1].HeldFor > status.Waiters[0].WaitingFor);
        Assert.True(status.Waiters[0].WaitingFor > status.Waiters[1].WaitingFor);

        await Grain.CancelAsync(reader.RequestId).Soon();
        Assert.Equal(LockOutcome.Busy, (await reading.Soon()).Outcome);
        Assert.Equal(2, await Operations.BreakAsync(_name, cancellationToken: Token).Soon());
        Assert.Equal(3, (await writing.Soon()).FencingToken);
    }

    [Fact]
    public async Task BreakOfAllUpToAToken_ThatComesLate_SparesThoseWhoCameSince()
    {
        var grain = Cluster.Client.GetLockGrain(FreshKey());
        await grain.AcquireAsync(Ask() with { Mode = LockMode.Read }).Soon();
        await grain.AcquireAsync(Ask() with { Mode = LockMode.Read }).Soon();
        Assert.Equal(2, await grain.BreakAsync(2, andEarlier: true).Soon());
        var next = await grain.AcquireAsync(Ask()).Soon();

        Assert.Equal(0, await grain.BreakAsync(2, andEarlier: true).Soon());

        Assert.Equal([next.FencingToken], (await grain.GetStatusAsync().Soon()).Holders.Select(holder => holder.FencingToken));
    }

    [Fact]
    public async Task GetStatus_OfAHandle_ShowsTheProcessThatHoldsIt()
    {
        await using var handle = await Semaphores.AcquireSemaphoreAsync(_name, 7, cancellationToken: Token).Soon();
        var status = await StatusAsync(_name);
        Assert.Equal(7, status.Permits);
        var holder = Assert.Single(status.Holders);
        Assert.Equal((DefaultOwner, LockMode.Permit, 1L), (holder.Owner, holder.Mode, holder.FencingToken));
    }

    [Fact]
    public async Task Break_TellsTheHolderAtOnceAndHandsOn()
    {
        await using var handle = await Locks.AcquireLockAsync(_name, cancellationToken: Token).Soon();
        var grant = Assert.IsType<LockHandle>(handle).Hold.Grant;
        var lost = Fired(handle.HandleLostToken).WaitAsync(WellBeforeRenewal, Token);
        var waiting = Locks.AcquireLockAsync(_name, cancellationToken: Token).AsTask();
        await QueuedAsync(_name, 1);

        Assert.Equal(1, await Operations.BreakAsync(_name, handle.FencingToken, Token).Soon());
        await lost;
        await using var next = await waiting.Soon();
        Assert.Equal(2, next.FencingToken);

        // The broken one can do nothing any more, whether it has heard of it or not.
        Assert.Equal(RenewOutcome.NotHolder, (await Grain.RenewAsync(Renewal(grant)).Soon()).Outcome);
        Assert.Equal(ReleaseOutcome.NotHolder, await Grain.ReleaseAsync(grant.RequestId, grant.FencingToken).Soon());
        await handle.DisposeAsync();
        Assert.Null(await Locks.TryAcquireLockAsync(_name, cancellationToken: Token).Soon());
        Assert.Equal([2], await HoldersAsync());
        Assert.False(next.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task Break_OfOneHold_LeavesTheOthers()
    {
        var semaphore = Semaphores.CreateSemaphore(_name, 3);
        await using var first = await semaphore.AcquireAsync(cancellationToken: Token).Soon();
        await using var second = await semaphore.AcquireAsync(cancellationToken: Token).Soon();
        await using var third = await semaphore.AcquireAsync(cancellationToken: Token).Soon();
        var lost = Fired(second.HandleLostToken).WaitAsync(WellBeforeRenewal, Token);

        Assert.Equal(1, await Operations.BreakAsync(_name, second.FencingToken, Token).Soon());
        await lost;
        Assert.Equal([1, 3], await HoldersAsync());
        foreach (var left in new[] { first, third })
        {
            Assert.False(left.HandleLostToken.IsCancellationRequested);
            Assert.Equal(RenewOutcome.Renewed, (await Grain.RenewAsync(Renewal(Assert.IsType<LockHandle>(left).Hold.Grant)).Soon()).Outcome);
        }

        await using var next = await semaphore.TryAcquireAsync(cancellationToken: Token).Soon();
        Assert.Equal(4, next?.FencingToken);
    }

    [Fact]
    public async Task Break_OfAll_TellsAllHolders()
    {
        var @lock = ReaderWriterLocks.CreateUpgradeableReaderWriterLock(_name);
        await using var first = await @lock.AcquireReadLockAsync(cancellationToken: Token).Soon();
        await using var second = await @lock.AcquireReadLockAsync(cancellationToken: Token).Soon();
        await using var third = await @lock.AcquireUpgradeableReadLockAsync(cancellationToken: Token).Soon();
        var lost = Task.WhenAll(Fired(first.HandleLostToken), Fired(second.HandleLostToken), Fired(third.HandleLostToken)).WaitAsync(WellBeforeRenewal, Token);
        var writing = @lock.AcquireWriteLockAsync(cancellationToken: Token).AsTask();
        await QueuedAsync(_name, 1);

        Assert.Equal(3, await Operations.BreakAsync(_name, cancellationToken: Token).Soon());
        await lost;
        await using var writer = await writing.Soon();
        Assert.Equal(4, writer.FencingToken);
        Assert.Equal([4], await HoldersAsync());
    }

    [Fact]
    public async Task Break_WhereNothingIsToBreak_IsZeroAndHarmsNobody()
    {
        Assert.Equal(0, await Operations.BreakAsync(_name, cancellationToken: Token).Soon());
        Assert.Equal(0, await Operations.BreakAsync(_name, 1, Token).Soon());
        var former = await Locks.AcquireLockAsync(_name, cancellationToken: Token).Soon();
        await former.DisposeAsync();
        await FreeAsync(_name);
        Assert.Equal(0, await Operations.BreakAsync(_name, cancellationToken: Token).Soon());

        await using var handle = await Locks.AcquireLockAsync(_name, cancellationToken: Token).Soon();
        Assert.Equal(2, handle.FencingToken);
        foreach (var token in new[] { 1, 3, long.MaxValue })
        {
            Assert.Equal(0, await Operations.BreakAsync(_name, token, Token).Soon());
        }

        Assert.False(handle.HandleLostToken.IsCancellationRequested);
        Assert.Equal([2], await HoldersAsync());
        Assert.Equal(1, await Operations.BreakAsync(_name, cancellationToken: Token).Soon());
        Assert.Equal(0, await Operations.BreakAsync(_name, cancellationToken: Token).Soon());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public async Task Break_OfATokenThatIsNone_IsRefusedAndHarmsNobody(long fencingToken)
    {
        await using var handle = await Locks.AcquireLockAsync(_name, cancellationToken: Token).Soon();
        var exception = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            nameof(fencingToken), () => Operations.BreakAsync(_name, fencingToken, Token).Soon());
        Assert.StartsWith("A fencing token is at least 1. Leave it out to break every hold of the lock.", exception.Message, StringComparison.Ordinal);
        Assert.Equal([1], await HoldersAsync());
    }

    [Fact]
    public async Task Name_Null_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("name", () => Operations.GetStatusAsync(null!, Token).Soon());
        await Assert.ThrowsAsync<ArgumentNullException>("name", () => Operations.BreakAsync(null!, cancellationToken: Token).Soon());
    }

    [Fact]
    public async Task Calls_WithACancelledToken_AreCancelled()
    {
        await using var handle = await Locks.AcquireLockAsync(_name, cancellationToken: Token).Soon();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Operations.GetStatusAsync(_name, cancellation.Token).Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Operations.BreakAsync(_name, cancellationToken: cancellation.Token).Soon());
    }

    /// <summary>Operators use the names that the providers were given, however odd.</summary>
    [Theory]
    [InlineData("\n")]
    [InlineData("sha256:")]
    public async Task Name_HoweverOdd_IsThatOfTheProvider(string beginning)
    {
        var name = beginning + _name;
        await using var handle = await Locks.AcquireLockAsync(name, cancellationToken: Token).Soon();
        Assert.True((await StatusAsync(name)).IsHeld);
        Assert.Equal(1, await Operations.BreakAsync(name, cancellationToken: Token).Soon());
        Assert.False((await StatusAsync(name)).IsHeld);
    }

    [Fact]
    public async Task Break_OfAnUpgradedHold_TellsItsHolder()
    {
        await using var handle = await ReaderWriterLocks.AcquireUpgradeableReadLockAsync(_name, cancellationToken: Token).Soon();
        var lost = Fired(handle.HandleLostToken).WaitAsync(WellBeforeRenewal, Token);
        await handle.UpgradeToWriteLockAsync(cancellationToken: Token).AsTask().Soon();
        Assert.Equal(0, await Operations.BreakAsync(_name, 1, Token).Soon());
        Assert.Equal(1, await Operations.BreakAsync(_name, 2, Token).Soon());
        await lost;
        Assert.Empty(await HoldersAsync());
    }

    private static Task Fired(CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(fired.SetResult);
        return fired.Task;
    }

    private static LockRenewal Renewal(LockGrant grant) => new()
    {
        RequestId = grant.RequestId,
        FencingToken = grant.FencingToken,
        Proof = grant.Proof,
        Lease = TimeSpan.FromSeconds(15),
        Owner = DefaultOwner,
        Mode = grant.Mode,
        Permits = grant.Permits,
    };

    private async Task<IEnumerable<long>> HoldersAsync() => (await StatusAsync(_name)).Holders.Select(holder => holder.FencingToken);
}
