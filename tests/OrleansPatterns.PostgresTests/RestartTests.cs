using Medallion.Threading;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests;

/// <summary>
/// What each pattern wrote before the whole cluster stopped is there after it has started again, and keys that the ADO.NET storage would
/// take for the same number are kept apart.
/// </summary>
public sealed class RestartTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly string[] Keys = ["2a", "02a", "2A", "123", "0123", "a+b", "0f8fad5b-d9cb-469f-a165-70867728950e"];

    private LocalDatabase? _database;
    private SiloCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    public async ValueTask InitializeAsync()
    {
        _database = await server.Postgres.CreateDatabaseAsync(Token);
        _cluster = new SiloCluster(_database.ConnectionString, silos: 2, silo => silo.AddSaga<EchoSaga, EchoData>());
        await _cluster.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Lock_AfterRestart_TokensGoOnForEachKey()
    {
        // The first key is locked once, the second twice, and so on: tokens tell the keys apart.
        foreach (var (index, key) in Keys.Index())
        {
            for (var grant = 0; grant <= index; grant++)
            {
                await using var handle = await Cluster.Client<IDistributedLockProvider>().AcquireLockAsync(key, cancellationToken: Token);
            }
        }

        await RestartAsync();

        foreach (var (index, key) in Keys.Index())
        {
            await using var handle = await Cluster.Client<IDistributedLockProvider>().AcquireLockAsync(key, cancellationToken: Token);
            Assert.Equal(index + 2, handle.FencingToken);
        }
    }

    [Fact]
    public async Task Idempotency_AfterRestart_EachKeyHasItsResult()
    {
        foreach (var key in Keys)
        {
            await Cluster.Client<IIdempotencyStore>().ExecuteAsync(key, "payload", _ => Task.FromResult("result of " + key), cancellationToken: Token);
        }

        await RestartAsync();

        foreach (var key in Keys)
        {
            var result = await Cluster.Client<IIdempotencyStore>().ExecuteAsync(key, "payload", _ => Task.FromResult("run again"), cancellationToken: Token);
            Assert.Equal("result of " + key, result);
        }
    }

    [Fact]
    public async Task Breaker_AfterRestart_EachKeyIsIsolatedForItsOwnReason()
    {
        foreach (var key in Keys)
        {
            await Cluster.Client<ICircuitBreakerProvider>().Get(key).IsolateAsync("because of " + key, Token);
        }

        await RestartAsync();

        foreach (var key in Keys)
        {
            var status = await Cluster.Client<IGrainFactory>().GetBreakerGrain(key).GetStatusAsync();
            Assert.Equal((BreakerState.Isolated, "because of " + key), (status.Snapshot.State, status.Snapshot.Reason));
        }
    }

    [Fact]
    public async Task Discovery_AfterRestart_EachServiceHasItsInstance()
    {
        // Straight to the grain, as a process does that dies without deregistering.
        foreach (var key in Keys)
        {
            var instance = new ServiceInstance { Id = "instance of " + key, Endpoint = new Uri("http://127.0.0.1:8080"), Lease = TimeSpan.FromHours(1) };
            await Cluster.Client<IGrainFactory>().GetServiceGrain(key).RegisterAsync(instance);
        }

        await RestartAsync();

        foreach (var key in Keys)
        {
            var snapshot = await Cluster.Client<IServiceRegistry>().GetInstancesAsync(key, Token);
            Assert.Equal("instance of " + key, Assert.Single(snapshot.Instances).Id);
        }
    }

    [Fact]
    public async Task Saga_AfterRestart_EachKeyHasItsOutcome()
    {
        foreach (var key in Keys)
        {
            await Cluster.Client<ISagaClient>().StartAsync<EchoSaga, EchoData>(key, new EchoData { Text = key }, Token);
            await Cluster.Client<ISagaClient>().WaitForCompletionAsync(key, Token);
        }

        await RestartAsync();

        foreach (var key in Keys)
        {
            var status = await Cluster.Client<ISagaClient>().GetStatusAsync(key, Token);
            Assert.Equal((SagaPhase.Compensated, $"Step 'say' was rejected: {key}"), (status.Phase, status.CompensationReason));
        }
    }

    private async Task RestartAsync()
    {
        await Cluster.StopAsync();
        await Cluster.StartAsync(Token);
    }

    private sealed record EchoData
    {
        public required string Text { get; init; }
    }

    /// <summary>Ends with its data as the reason.</summary>
    private sealed class EchoSaga : Saga<EchoData>
    {
        protected override void Define(ISagaBuilder<EchoData> saga) =>
            saga.Step("say").Do((context, _) => throw new SagaRejectedException(context.Data.Text));
    }
}
