using Medallion.Threading;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests.Testing;

/// <summary>Holders of leases that fall silent.</summary>
public sealed class LeaseTests(TripCluster fixture) : IClassFixture<TripCluster>
{
    private readonly string _key = $"key-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PatternsTestCluster Patterns => fixture.Patterns;

    [Fact]
    public async Task ExpireLock_IsLostToItsHolder_AndTheNextWaitersWithAGreaterToken()
    {
        await using var silent = await Patterns.Locks.AcquireLockAsync(_key, cancellationToken: Token);
        await using var other = await Patterns.Locks.AcquireLockAsync($"{_key}-other", cancellationToken: Token);
        var waiting = Patterns.Locks.AcquireLockAsync(_key, cancellationToken: Token).AsTask();

        await Patterns.ExpireLockAsync(_key, Token);

        Assert.True(silent.HandleLostToken.IsCancellationRequested);
        await using var next = await Patterns.AdvanceUntilAsync(waiting, cancellationToken: Token);
        Assert.True(next.FencingToken > silent.FencingToken);

        // The others' process is alive, and the next holder's.
        await Patterns.AdvanceAsync(TimeSpan.FromMinutes(1), Token);
        Assert.False(other.HandleLostToken.IsCancellationRequested);
        Assert.False(next.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task ExpireLock_OfASemaphore_SilencesAllItsHolders()
    {
        var semaphores = Patterns.Service<IDistributedSemaphoreProvider>();
        await using var first = await semaphores.AcquireSemaphoreAsync(_key, 2, cancellationToken: Token);
        await using var second = await semaphores.AcquireSemaphoreAsync(_key, 2, cancellationToken: Token);

        await Patterns.ExpireLockAsync(_key, Token);

        Assert.True(first.HandleLostToken.IsCancellationRequested && second.HandleLostToken.IsCancellationRequested);
    }

    [Fact]
    public async Task ExpireLock_ThatNobodyHolds_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Patterns.ExpireLockAsync(_key, Token));
        Assert.Equal($"Nobody holds lock '{_key}', so there is no lease that could expire.", exception.Message);
    }

    [Fact]
    public async Task ExpireExecution_IsLostToItsExecutor_AndTheWaitingCallerTakesOver()
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var silent = Patterns.Idempotency.ExecuteAsync(
            _key,
            "f",
            async token =>
            {
                await using var registration = token.Register(lost.SetResult);
                begun.SetResult();
                await late.Task;
                return 1;
            },
            cancellationToken: Token);
        await begun.Task;
        var patient = new IdempotencyOptions { WaitForResult = TimeSpan.FromMinutes(1) };
        var waiting = Patterns.Idempotency.ExecuteAsync(_key, "f", _ => Task.FromResult(2), patient, Token);

        await Patterns.ExpireExecutionAsync(_key, Token);

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(2, await Patterns.AdvanceUntilAsync(waiting, cancellationToken: Token));
        late.SetResult();
        await Assert.ThrowsAsync<IdempotencyExecutionLostException>(() => silent.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(2, await Patterns.Idempotency.ExecuteAsync(_key, "f", _ => Task.FromResult(3), cancellationToken: Token));
    }

    [Fact]
    public async Task ExpireExecution_OfAKeyThatIsFree_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Patterns.ExpireExecutionAsync(_key, Token));
        Assert.Equal($"Nothing is being executed under key 'default/{_key}', which is Free, so there is no lease that could expire.", exception.Message);
    }

    [Fact]
    public async Task ExpireInstance_IsNoLongerResolved_UntilItIsStartedAgain()
    {
        await using var silent = await Patterns.Registry.RegisterAsync(_key, Instance("silent"), Token);
        await using var alive = await Patterns.Registry.RegisterAsync(_key, Instance("alive"), Token);
        await Patterns.AdvanceAsync(TimeSpan.FromSeconds(1), Token);
        Assert.Equal(["alive", "silent"], await AvailableAsync());

        await Patterns.ExpireInstanceAsync(_key, "silent", Token);
        Assert.Equal(["alive"], await AvailableAsync());
        await Patterns.AdvanceAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(["alive"], await AvailableAsync());

        await using var again = await Patterns.Registry.RegisterAsync(_key, Instance("silent"), Token);
        await Patterns.AdvanceAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(["alive", "silent"], await AvailableAsync());
    }

    [Fact]
    public async Task ExpireInstance_ThatIsNotListed_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Patterns.ExpireInstanceAsync(_key, "i", Token));
        Assert.Equal($"Service '{_key}' has no instance 'i' that is heard of: it is not listed.", exception.Message);
    }

    private static ServiceInstance Instance(string id) => new() { Id = id, Endpoint = new Uri($"http://{id}") };

    private async Task<IEnumerable<string>> AvailableAsync() =>
        (await Patterns.Registry.GetInstancesAsync(_key, Token)).Available.Select(instance => instance.Id).Order(StringComparer.Ordinal);
}
