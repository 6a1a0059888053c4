using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Cluster;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.PostgresTests;

/// <summary>A standalone silo, which has no sagas, beside an application's own, which has.</summary>
public sealed class MixedClusterTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_InAClusterWithStandaloneSilos_RunsWhereTheSagaIsRegistered()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        using var standalone = SiloHost.Silo(silo => silo.UsePostgres(database.ConnectionString).AddOrleansPatterns());
        using var application = SiloHost.Silo(silo => silo.UsePostgres(database.ConnectionString).AddOrleansPatterns().AddSaga<GreetSaga, Greeting>());
        await standalone.StartAsync(Token);
        await application.StartAsync(Token);

        // Enough of them that placement by chance would put some on the standalone silo.
        var sagas = standalone.Service<ISagaClient>();
        var started = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            await sagas.StartAsync<GreetSaga, Greeting>($"greet-{number}", new Greeting("hello"), Token);
            return await sagas.WaitForCompletionAsync($"greet-{number}", Token);
        }));

        Assert.All(started, status => Assert.Equal(SagaPhase.Completed, status.Phase));
        await application.StopAsync(Token);
        await standalone.StopAsync(Token);
    }

    [Fact]
    public async Task Start_WhereNoSiloHasSagas_SaysSo()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        using var standalone = SiloHost.Silo(silo =>
        {
            silo.UsePostgres(database.ConnectionString).AddOrleansPatterns();
            silo.Services.Configure<ClusterCallOptions>(calls => calls.AttemptTimeout = TimeSpan.FromMilliseconds(300));
        });
        await standalone.StartAsync(Token);

        var exception = await Assert.ThrowsAsync<UnknownSagaException>(
            () => standalone.Service<ISagaClient>().StartAsync<GreetSaga, Greeting>("greet", new Greeting("hello"), Token));

        Assert.Equal(nameof(GreetSaga), exception.Definition);
        await standalone.StopAsync(Token);
    }

    private sealed record Greeting(string Text);

    private sealed class GreetSaga : Saga<Greeting>
    {
        protected override void Define(ISagaBuilder<Greeting> saga) => saga.Step("greet").Do((_, _) => Task.CompletedTask);
    }
}
