using Medallion.Threading;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using static OrleansPatterns.Tests.Locks.LockCommands;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockSetTests(MemoryCluster fixture) : LockClusterTests(fixture.Cluster)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    private readonly string _key = FreshKey();

    private string A => _key + "/a";

    private string B => _key + "/b";

    private string C => _key + "/c";

    [Fact]
    public async Task Acquire_AllFree_HoldsAllUntilItIsDisposed()
    {
        await using (await Locks.AcquireLockAsync(B, cancellationToken: Token).Soon())
        {
        }

        var set = await Locks.AcquireLocksInOrderAsync([C, A, B], cancellationToken: Token).Soon();
        Assert.Equal([(A, 1L), (B, 2L), (C, 1L)], Tokens(set));
        foreach (var name in new[] { A, B, C })
        {
            Assert.Null(await Locks.TryAcquireLockAsync(name, cancellationToken: Token).Soon());
        }

        Assert.False(set.HandleLostToken.IsCancellationRequested);
        await set.DisposeAsync();
        await AssertAreFreeAsync(A, B, C);
        Assert.Equal([(A, 1L), (B, 2L), (C, 1L)], Tokens(set));
    }

    [Fact]
    public async Task TryAcquire_AllFree_HoldsAllUntilItIsDisposed()
    {
        var set = await Locks.TryAcquireLocksInOrderAsync([B, A], cancellationToken: Token).Soon();
        Assert.Equal([(A, 1L), (B, 1L)], Tokens(set!));
        set!.Dispose();
        await AssertAreFreeAsync(A, B);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task TryAcquire_WhenOneIsHeld_IsNullAndHoldsNone(int heldIndex)
    {
        var names = new[] { A, B, C };
        await using var holder = await Locks.AcquireLockAsync(names[heldIndex], cancellationToken: Token).Soon();
        Assert.Null(await Locks.TryAcquireLocksInOrderAsync(names, cancellationToken: Token).Soon());
        Assert.Null(await Locks.TryAcquireLocksInOrderAsync(names, Short, Token).Soon());
        await AssertOnlyOneIsHeldAsync(names, heldIndex);
    }

    [Fact]
    public async Task Acquire_WhenOneIsHeldUntilTimeIsUp_ThrowsAndHoldsNone()
    {
        var names = new[] { A, B, C };
        await using var holder = await Locks.AcquireLockAsync(B, cancellationToken: Token).Soon();
        var exception = await Assert.ThrowsAsync<TimeoutException>(() => Locks.AcquireLocksInOrderAsync([C, B, A], Short, Token).Soon());
        Assert.Equal(
            $"Lock '{A}', '{B}', '{C}' was held by others for the 00:00:00.0500000 of the timeout. Wait longer, or see ILockOperations.GetStatusAsync for who holds it.",
            exception.Message);
        await AssertOnlyOneIsHeldAsync(names, 1);
    }

    [Fact]
    public async Task Acquire_CancelledWhileOneIsHeld_HoldsNone()
    {
        var names = new[] { A, B, C };
        await using var holder = await Locks.AcquireLockAsync(B, cancellationToken: Token).Soon();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var acquiring = Locks.AcquireLocksInOrderAsync(names, cancellationToken: cancellation.Token).AsTask();
        await QueuedAsync(B, 1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acquiring.Soon());
        await AssertOnlyOneIsHeldAsync(names, 1);
    }

    [Fact]
    public async Task Acquire_WaitsForOneWithThoseBeforeItHeldAndThoseAfterItNot()
    {
        var holder = await Locks.AcquireLockAsync(B, cancellationToken: Token).Soon();
        var acquiring = Locks.AcquireLocksInOrderAsync([C, B, A], SafetyNet, Token).AsTask();
        await QueuedAsync(B, 1);
        Assert.Equal([true, true, false], await AreHeldAsync(A, B, C));
        await holder.DisposeAsync();
        await using var set = await acquiring.Soon();
        Assert.Equal([(A, 1L), (B, 2L), (C, 1L)], Tokens(set));
    }

    [Fact]
    public async Task Acquire_InWhateverOrderTheNamesAreGiven_NeverDeadlocksAndExcludes()
    {
        string[][] orders = [[A, B, C], [C, B, A], [B, C, A]];
        var (inside, rounds) = (0, 0);
        await Task.WhenAll(orders.Select(names => Task.Run(
            async () =>
            {
                for (var round = 0; round < 40; round++)
                {
                    await using var set = await Locks.AcquireLocksInOrderAsync(names, cancellationToken: Token);
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    rounds++;
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
            },
            Token))).Soon();
        Assert.Equal(120, rounds);
    }

    [Fact]
    public async Task Name_GivenTwice_IsTakenOnce()
    {
        await using (var set = await Locks.AcquireLocksInOrderAsync([B, A, B, A], cancellationToken: Token).Soon())
        {
            Assert.Equal([(A, 1L), (B, 1L)], Tokens(set));
        }

        await AssertAreFreeAsync(A, B);
    }

    [Fact]
    public async Task Names_ThatDifferInCaseOnly_AreDifferentLocks()
    {
        await using var set = await Locks.AcquireLocksInOrderAsync([A, A.ToUpperInvariant()], cancellationToken: Token).Soon();
        Assert.Equal([(A.ToUpperInvariant(), 1L), (A, 1L)], Tokens(set));
    }

    [Fact]
    public async Task Names_NoneOrNull_AreRefusedAndNoneIsHeld()
    {
        foreach (string?[] names in new string?[][] { [], [null], [A, null], [null, A] })
        {
            var exceptions = new[]
            {
                await Assert.ThrowsAsync<ArgumentException>(nameof(names), () => Locks.AcquireLocksInOrderAsync(names!, cancellationToken: Token).Soon()),
                await Assert.ThrowsAsync<ArgumentException>(nameof(names), () => Locks.TryAcquireLocksInOrderAsync(names!, cancellationToken: Token).Soon()),
            };
            Assert.All(
                exceptions,
                exception => Assert.StartsWith("At least one name is needed, and none may be null.", exception.Message, StringComparison.Ordinal));
        }

        await Assert.ThrowsAsync<ArgumentNullException>("names", () => Locks.AcquireLocksInOrderAsync(null!, cancellationToken: Token).Soon());
        await Assert.ThrowsAsync<ArgumentNullException>("names", () => Locks.TryAcquireLocksInOrderAsync(null!, cancellationToken: Token).Soon());
        Assert.Equal([false], await AreHeldAsync(A));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData((double)int.MaxValue + 1)]
    public async Task Timeout_OutOfBounds_IsRefusedAndNoneIsHeld(double milliseconds)
    {
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(nameof(timeout), () => Locks.AcquireLocksInOrderAsync([A], timeout, Token).Soon());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(nameof(timeout), () => Locks.TryAcquireLocksInOrderAsync([A], timeout, Token).Soon());
        Assert.Equal([false], await AreHeldAsync(A));
    }

    [Fact]
    public async Task Provider_OfAnotherKind_SaysWhatIsWrong()
    {
        var foreign = new ForeignProvider();
        var exceptions = new[]
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => foreign.AcquireLocksInOrderAsync([A], cancellationToken: Token).Soon()),
            await Assert.ThrowsAsync<InvalidOperationException>(() => foreign.TryAcquireLocksInOrderAsync([A], cancellationToken: Token).Soon()),
        };
        Assert.All(exceptions, exception => Assert.Equal(
            "A ForeignProvider is no lock provider of OrleansPatterns. Use Medallion's AcquireAllLocksAsync, with the names in one order everywhere.",
            exception.Message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task HandleLost_WhenOneIsBroken_Fires(int brokenIndex)
    {
        var names = new[] { A, B, C };
        await using var set = await Locks.AcquireLocksInOrderAsync(names, cancellationToken: Token).Soon();
        var lost = Fired(set.HandleLostToken);
        Assert.Equal(1, await Operations.BreakAsync(names[brokenIndex], cancellationToken: Token).Soon());
        await lost.Soon();
        Assert.True(set.HandleLostToken.IsCancellationRequested);
        Assert.Equal(names.Select((_, index) => index != brokenIndex), await AreHeldAsync(names));
        await set.DisposeAsync();
        await AssertAreFreeAsync(names);
    }

    [Fact]
    public async Task Dispose_Often_ReleasesOnceAndHarmsNobody()
    {
        var set = await Locks.AcquireLocksInOrderAsync([A, B], cancellationToken: Token).Soon();
        var lost = set.HandleLostToken;
        set.Dispose();
        await using var next = await Locks.TryAcquireLocksInOrderAsync([A, B], cancellationToken: Token).Soon();
        Assert.Equal([(A, 2L), (B, 2L)], Tokens(next!));
        await set.DisposeAsync();
        set.Dispose();
        Assert.Throws<ObjectDisposedException>(() => set.HandleLostToken);
        Assert.False(lost.IsCancellationRequested);
        Assert.Null(await Locks.TryAcquireLocksInOrderAsync([A], cancellationToken: Token).Soon());
        Assert.Equal([true, true], await AreHeldAsync(A, B));
    }

    /// <summary>Between holding the first and the last one the first was broken. All or none, so none, and once more from the start.</summary>
    [Fact]
    public async Task Acquire_WhenAnEarlyOneIsLostWhileALateOneIsWaitedFor_BeginsAnew()
    {
        var (time, transport) = (new ObservedTime(), new ScriptedLockTransport());
        var (options, callOptions) = (Options.Create(new LockOptions()), Options.Create(new ClusterCallOptions()));
        using var keeper = new LockKeeper(transport, callOptions, options, TestInstruments.Locks, time, NullLogger<LockKeeper>.Instance);
        var client = new LockClient(
            transport, keeper, new ClusterCaller(time, callOptions), callOptions, options, TestInstruments.Locks, time, NullLogger<LockClient>.Instance);
        var acquiring = new OrleansLockProvider(client, time).AcquireLocksInOrderAsync([A, B], cancellationToken: Token).AsTask();
        var first = await AnswerNextAsync(A, 1);
        var late = await transport.Acquires.NextAsync();
        await keeper.BrokenAsync(first);
        late.Answer(Granted(1));
        await AnswerNextAsync(A, 2);
        await AnswerNextAsync(B, 2);
        await using var set = await acquiring.Soon();
        Assert.Equal([(A, 2L), (B, 2L)], Tokens(set));
        Assert.False(set.HandleLostToken.IsCancellationRequested);
        Assert.Equal((A, new LockRelease(first, 1)), transport.Releases.Take().Sent);
        Assert.Equal((B, new LockRelease(late.Sent.Request.RequestId, 1)), transport.Releases.Take().Sent);
        Assert.False(transport.Releases.HasNext);

        async Task<Guid> AnswerNextAsync(string key, long token)
        {
            var call = await transport.Acquires.NextAsync();
            Assert.Equal(key, call.Sent.Key);
            call.Answer(Granted(token));
            return call.Sent.Request.RequestId;
        }

        LockReply Granted(long token) =>
            new() { Outcome = LockOutcome.Granted, FencingToken = token, Lease = options.Value.Lease, Proof = 99 };
    }

    private static IEnumerable<(string Name, long Token)> Tokens(LockSet set) =>
        set.FencingTokens.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => (each.Key, each.Value));

    private static Task Fired(CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(fired.SetResult);
        return fired.Task;
    }

    private async Task AssertOnlyOneIsHeldAsync(string[] names, int heldIndex)
    {
        await AssertAreFreeAsync([.. names.Where(name => name != names[heldIndex])]);
        var status = await StatusAsync(names[heldIndex]);
        Assert.Equal((true, 1L, 0), (status.IsHeld, status.FencingToken, status.WaiterCount));
    }

    /// <summary>At once: the garbage collector would release them as well, but later.</summary>
    private async Task AssertAreFreeAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await using var handle = await Locks.TryAcquireLockAsync(name, cancellationToken: Token).Soon();
            Assert.NotNull(handle);
        }
    }

    private async Task<IEnumerable<bool>> AreHeldAsync(params string[] names) =>
        (await Task.WhenAll(names.Select(StatusAsync))).Select(status => status.IsHeld);

    private sealed class ForeignProvider : IDistributedLockProvider
    {
        public IDistributedLock CreateLock(string name) => throw new NotSupportedException();
    }
}
