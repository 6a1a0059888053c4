using System.Collections.Concurrent;
using OrleansPatterns.Catalog;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>From a due row in PostgreSQL to the grain, through the silo's own wake-up service.</summary>
public sealed class WakeUpTests(PostgresServer server)
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Woken = new();

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
}
