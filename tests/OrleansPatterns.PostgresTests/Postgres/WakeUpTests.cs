using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>From a due row in PostgreSQL to the grain, through the silo's own wake-up service.</summary>
public sealed class WakeUpTests(PostgresServer server)
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Woken = new();
    private static readonly ConcurrentDictionary<string, Crowd> Crowds = new();

    [Fact]
    public async Task RowThatIsDue_WakesItsGrain_AndThatOfLaterDoesNot()
    {
        var token = TestContext.Current.CancellationToken;
        await using var database = await EmptyDatabase.CreateAsync(server);
        using var silo = SiloHost.Silo(silo => silo.AddOrleansPatterns().UsePostgres(database.ConnectionString));
        await silo.StartAsync(token);
        var (due, later) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var entry = new CatalogEntry { Pattern = "waketest", Key = later, Status = "Waiting", Version = 1, WakeIn = TimeSpan.FromHours(1) };
        await silo.Service<ICatalog>().UpsertAsync(entry, token);

        await silo.Service<ICatalog>().UpsertAsync(entry with { Key = due, WakeIn = TimeSpan.Zero }, token);

        await Signal(due).Task.WaitAsync(TimeSpan.FromSeconds(20), token);
        Assert.False(Signal(later).Task.IsCompleted);
        await silo.StopAsync(token);
    }

    /// <summary>With a lease that outlasts the test: what is woken twice has been taken twice.</summary>
    [Fact]
    public async Task TenThousandRowsDueAtOnce_AreEachWokenOnce()
    {
        const int Rows = 10_000;
        var token = TestContext.Current.CancellationToken;
        await using var database = await EmptyDatabase.CreateAsync(server);
        using var silo = SiloHost.Silo(silo => silo.AddOrleansPatterns().UsePostgres(database.ConnectionString)
            .Services.Configure<WakeUpOptions>(options => options.DeliveryLease = TimeSpan.FromMinutes(10)));
        await silo.StartAsync(token);
        var crowd = Guid.NewGuid().ToString("N");
        var woken = Crowds[crowd] = new Crowd(Rows);

        await database.DataSource.ExecuteAsync(
            $$"""
            insert into orleanspatterns_catalog (service_id, pattern, key, status, summary, wake_at, version, updated_at)
            select 'tests', 'crowdtest', '{{crowd}}-' || number, 'Waiting', '{}', clock_timestamp(), 1, clock_timestamp()
            from generate_series(1, {{Rows}}) as number
            """);
        var dueAt = RealTime.Provider.GetTimestamp();
        await woken.Complete.WaitAsync(TimeSpan.FromSeconds(60), token);
        var elapsed = RealTime.Provider.GetElapsedTime(dueAt);

        await silo.StopAsync(token);
        Assert.Equal(Rows, woken.Count);
        TestContext.Current.TestOutputHelper!.WriteLine($"{Rows} rows were woken within {elapsed.TotalMilliseconds:F0} ms of being due.");
    }

    private static TaskCompletionSource Signal(string key) =>
        Woken.GetOrAdd(GrainKeys.For("waketest", ResourceKey.Parse(key)), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    [GrainType(GrainKeys.GrainTypePrefix + "waketest")]
    internal sealed class WakeTestGrain : Grain, IWakeable
    {
        public Task WakeAsync()
        {
            Woken.GetOrAdd(this.GetPrimaryKeyString(), _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            return Task.CompletedTask;
        }
    }

    /// <summary>Grains of which it counts only that, and how often, they were woken.</summary>
    private sealed class Crowd(int size)
    {
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentDictionary<string, byte> _seen = new();
        private int _count;
        private int _missing = size;

        internal Task Complete => _complete.Task;

        internal int Count => Volatile.Read(ref _count);

        internal void Add(string key)
        {
            Interlocked.Increment(ref _count);
            if (_seen.TryAdd(key, 0) && Interlocked.Decrement(ref _missing) == 0)
            {
                _complete.TrySetResult();
            }
        }
    }

    [GrainType(GrainKeys.GrainTypePrefix + "crowdtest")]
    internal sealed class CrowdTestGrain : Grain, IWakeable
    {
        public Task WakeAsync()
        {
            var key = this.GetPrimaryKeyString();
            Crowds[key.Split('/')[1].Split('-')[0]].Add(key);
            return Task.CompletedTask;
        }
    }
}
