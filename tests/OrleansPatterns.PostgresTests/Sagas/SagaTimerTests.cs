using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests.Sagas;

/// <summary>Sagas asleep while everything stops and starts again.</summary>
public sealed class SagaTimerTests(PostgresServer server) : IAsyncLifetime
{
    private const int Sagas = 10_000;
    private static readonly TimeSpan Sleep = TimeSpan.FromSeconds(75);

    private readonly Awakenings _awakenings = new(Sagas);
    private LocalDatabase? _database;
    private SiloCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    public async ValueTask InitializeAsync()
    {
        _database = await server.Postgres.CreateDatabaseAsync(Token);
        _cluster = new SiloCluster(_database.ConnectionString, silos: 2, silo =>
        {
            silo.Services.AddSingleton(_awakenings);
            silo.AddSaga<SleepingSaga, SleepingData>();
        });
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
    public async Task TenThousandAsleep_OverARestartOfTheCluster_AllWakeAndNoneEarly()
    {
        var sagas = Cluster.Client<ISagaClient>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Sagas),
            new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token },
            async (number, _) =>
            {
                var status = await sagas.StartAsync<SleepingSaga, SleepingData>($"sleeper-{number}", new SleepingData { Number = number }, Token);
                Assert.Equal(SagaStepState.Waiting, status.Steps[0].State);
            });

        await Cluster.StopAsync();
        Assert.Equal(0, _awakenings.Count);
        await Cluster.StartAsync(Token);
        await _awakenings.All.WaitAsync(Token);

        Assert.Equal(Enumerable.Range(0, Sagas), _awakenings.Numbers.Order());
        Assert.All(_awakenings.Early, early => Assert.Fail($"Saga {early} was woken before its time."));
    }

    private sealed record SleepingData
    {
        public required int Number { get; init; }
    }

    /// <summary>Notes who has woken, once for each saga.</summary>
    private sealed class Awakenings(int expected)
    {
        private readonly ConcurrentDictionary<int, bool> _isEarly = new();
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task All => _all.Task;

        public int Count => _isEarly.Count;

        public IEnumerable<int> Numbers => _isEarly.Keys;

        public IEnumerable<int> Early => _isEarly.Where(pair => pair.Value).Select(pair => pair.Key);

        public void Note(int number, bool isEarly)
        {
            _isEarly.TryAdd(number, isEarly);
            if (_isEarly.Count == expected)
            {
                _all.TrySetResult();
            }
        }
    }

    private sealed class SleepingSaga : Saga<SleepingData>
    {
        protected override void Define(ISagaBuilder<SleepingData> saga)
        {
            saga.Delay("sleep", Sleep);
            saga.Step("wake").Do(async (step, token) =>
            {
                var status = await step.Services.GetRequiredService<ISagaClient>().GetStatusAsync(step.SagaId, token);
                var now = step.Services.GetRequiredService<TimeProvider>().GetUtcNow();
                step.Services.GetRequiredService<Awakenings>().Note(step.Data.Number, isEarly: now < status.StartedAt + Sleep);
            });
        }
    }
}
