using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Cluster;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.PostgresTests.Sagas;

/// <summary>What becomes of sagas when silos, which are processes here, are killed under them.</summary>
public sealed class SagaCrashTests(PostgresServer server) : IAsyncLifetime
{
    private const int Sagas = 2_000;

    private SiloProcessCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloProcessCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not started.");

    private ISagaClient Client => Cluster.Service<ISagaClient>();

    public async ValueTask InitializeAsync()
    {
        _cluster = await SiloProcessCluster.StartAsync(server, Patient, SagaSiloProcess.Role);
        await Cluster.ExecuteAsync(Effects.Schema);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task SilosKilled_UnderTwoThousandSagas_EachEndsWithItsEffectsOrWithout()
    {
        var ends = new SagaStatus[Sagas];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Sagas),
            new ParallelOptions { MaxDegreeOfParallelism = 48, CancellationToken = Token },
            async (number, _) =>
            {
                await Client.StartAsync<EffectsSaga, EffectsData>(IdOf(number), new EffectsData { Number = number }, Token);
                if (number is Sagas / 4 or Sagas / 2)
                {
                    // This one has just begun, and those around it are at their steps. Another silo takes its place.
                    await Cluster.KillSiloOfAsync(Cluster.Service<IGrainFactory>().GetSagaGrain(IdOf(number)));
                    Cluster.StartSilo();
                }

                ends[number] = await Client.WaitForCompletionAsync(IdOf(number), Token);
            });

        Assert.Equal(3, Cluster.RunningSilos);
        Assert.All(ends, end => Assert.True(end.Phase is SagaPhase.Completed or SagaPhase.Compensated, $"{end.SagaId}: {end.Phase} {end.StuckReason}"));
        var completed = ends.Where(end => end.Phase == SagaPhase.Completed).Select(end => end.SagaId).ToHashSet();
        Assert.InRange(completed.Count, Sagas / 2, Sagas - 50);

        var effects = await Cluster.ReadAsync("select saga || '/' || step from effects", reader => reader.GetString(0));
        Assert.Equal(
            completed.SelectMany(id => EffectsSaga.StepNames.Select(step => $"{id}/{step}")).Order(StringComparer.Ordinal),
            effects.Order(StringComparer.Ordinal));

        // No step began after the undoing, which went backwards.
        Assert.Empty(await Cluster.ReadAsync(
            "select saga from trail group by saga having max(number) filter (where not is_undo) > min(number) filter (where is_undo)",
            reader => reader.GetString(0)));
        Assert.Empty(await Cluster.ReadAsync(
            """
            select later.saga
            from (select saga, step, max(number) as number from trail where is_undo group by saga, step) as later
            join (select saga, step, min(number) as number from trail where is_undo group by saga, step) as earlier
                on later.saga = earlier.saga and later.number > earlier.number
            where translate(later.step, 'abcde', '12234') > translate(earlier.step, 'abcde', '12234')
            """,
            reader => reader.GetString(0)));

        await AssertListedAsync(completed);
    }

    [Fact]
    public async Task AllSilosKilled_WhileSagasRun_OthersFinishThem()
    {
        string[] ids = [.. Enumerable.Range(0, 100).Select(IdOf)];
        await Parallel.ForEachAsync(
            ids, Token, async (id, _) => await Client.StartAsync<EffectsSaga, EffectsData>(id, new EffectsData { Number = 0 }, Token));
        await Cluster.KillAllAsync();
        Cluster.StartSilo();

        foreach (var id in ids)
        {
            var end = await SiloProcessCluster.AnswerAsync(() => Client.WaitForCompletionAsync(id, Token));
            Assert.True(end.Phase is SagaPhase.Completed or SagaPhase.Compensated, $"{end.SagaId}: {end.Phase} {end.StuckReason}");
        }
    }

    /// <summary>What people are shown is what has become of them: each once, and none still under way.</summary>
    private async Task AssertListedAsync(HashSet<string> completed)
    {
        // A row that could not be written when its silo died is repaired by the next wake-up.
        ImmutableDictionary<string, int> phases;
        do
        {
            phases = (await Cluster.ReadAsync(
                "select status, count(*)::int from orleanspatterns_catalog where pattern = 'saga' group by status",
                reader => KeyValuePair.Create(reader.GetString(0), reader.GetInt32(1)))).ToImmutableDictionary();
        }
        while (phases.ContainsKey("Running") || phases.ContainsKey("Compensating"));

        Assert.Equal((completed.Count, Sagas - completed.Count), (phases["Completed"], phases["Compensated"]));
    }

    private static string IdOf(int number) => $"order-{number}";

    /// <summary>A call outlives the time in which the cluster finds out who is gone.</summary>
    private static void Patient(IClientBuilder client) =>
        client.Services.Configure<ClusterCallOptions>(options => options.RetryFor = TimeSpan.FromMinutes(2));
}
