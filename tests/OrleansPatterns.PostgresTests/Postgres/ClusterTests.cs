using Microsoft.Extensions.Hosting;
using Npgsql;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>Real silo hosts, as applications run them, on one database.</summary>
public sealed class ClusterTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ThreeSilosStartedAtOnceOnAnEmptyDatabase_FormAClusterThatAClientFinds_AndOneThatStopsIsDead()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        IHost[] silos = [.. Enumerable.Range(0, 3).Select(_ => SiloHost.Silo(silo => silo.UsePostgres(database.ConnectionString).AddOrleansPatterns()))];
        using var client = SiloHost.Client(client => client.AddOrleansPatterns().UsePostgres(database.ConnectionString));
        try
        {
            await Task.WhenAll(silos.Select(silo => silo.StartAsync(Token)));
            await Task.WhenAll(silos.Select(silo => SeesActiveSilosAsync(silo, 3)));
            await client.StartAsync(Token);
            var hosts = await client.Service<IGrainFactory>().GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Token);
            Assert.Equal(3, hosts.Count);
            Assert.Equal(SchemaScript.All.Count, await database.DataSource.ScalarAsync<long>("select count(*) from orleanspatterns_schema"));

            var leaving = silos[0].Service<ILocalSiloDetails>().SiloAddress;
            await silos[0].StopAsync(Token);

            Assert.Equal(
                [$"{leaving.Endpoint.Port} | 6"],
                await database.DataSource.RowsAsync("select port, status from orleans_membership where status <> 3"));
            await Task.WhenAll(silos[1..].Select(silo => SeesActiveSilosAsync(silo, 2)));
        }
        finally
        {
            await client.StopAsync(CancellationToken.None);
            foreach (var silo in silos)
            {
                await silo.StopAsync(CancellationToken.None);
                silo.Dispose();
            }
        }
    }

    [Fact]
    public async Task GivenDataSource_IsUsedForEverythingAndOutlivesTheSilo()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await using var dataSource = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "the application's own" });
        using (var silo = SiloHost.Silo(silo => silo.UsePostgres(dataSource).AddOrleansPatterns()))
        {
            await silo.StartAsync(Token);
            Assert.Equal(
                ["the application's own"],
                await database.DataSource.RowsAsync(
                    "select distinct application_name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"));
            await silo.StopAsync(Token);
        }

        Assert.Equal(1, await dataSource.ScalarAsync<int>("select 1"));
    }

    private static async Task SeesActiveSilosAsync(IHost silo, int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var membership in silo.Service<IClusterMembershipService>().MembershipUpdates.WithCancellation(patience.Token))
        {
            if (membership.Members.Values.Count(member => member.Status == SiloStatus.Active) == count)
            {
                return;
            }
        }
    }
}
