using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.Postgres.Schema;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests.HealthChecks;

/// <summary>What an orchestrator is told of silos and clients on a real PostgreSQL, and of the standalone silo over HTTP.</summary>
public sealed class HealthCheckTests(PostgresServer server)
{
    private const string Live = "orleanspatterns-live Healthy: The silo is Active.";

    private static readonly int Latest = SchemaScript.LatestVersion;

    private static readonly string Fits = $"orleanspatterns-database Healthy: The database answers, and has schema version {Latest}.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DatabaseThatIsStopped_MakesNobodyReady_AndEverybodyStaysLive()
    {
        // One of its own, as it is stopped.
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions { ConnectionString = "" }, Token);
        await using var database = await postgres.CreateDatabaseAsync(Token);
        using var silo = await SiloAsync(database.ConnectionString);
        using var client = SiloHost.Client(client =>
        {
            client.UsePostgres(database.ConnectionString).AddOrleansPatterns();
            client.Services.AddHealthChecks().AddOrleansPatterns();
        });
        await client.StartAsync(Token);
        Assert.Equal(
            ["orleanspatterns-cluster Healthy: The cluster answers.", Fits, Live], await CheckAsync(silo));
        Assert.Equal(
            ["orleanspatterns-cluster Healthy: The cluster answers.", Fits, "orleanspatterns-live Healthy: An Orleans client runs here."],
            await CheckAsync(client));

        await postgres.StopAsync(Token);

        foreach (var host in new[] { silo, client })
        {
            var checks = await CheckAsync(host);
            Assert.Equal("orleanspatterns-cluster Healthy: The cluster answers.", checks[0]);
            Assert.Matches("^orleanspatterns-database Unhealthy: PostgreSQL (cannot be reached|refuses, with SQLSTATE 57...)\\.$", checks[1]);
            Assert.StartsWith("orleanspatterns-live Healthy: ", checks[2], StringComparison.Ordinal);
        }

        await postgres.StartAgainAsync(Token);
        string[] again;
        do
        {
            // Connections of before may still be in the pool.
            again = await CheckAsync(silo);
        }
        while (again[1].Contains("Unhealthy", StringComparison.Ordinal));

        Assert.Equal(Fits, again[1]);
        await client.StopAsync(Token);
        await silo.StopAsync(Token);
    }

    [Fact]
    public async Task SchemaThatLacksAScript_IsNotReady_AndANewerOneIsDegraded()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        using var silo = await SiloAsync(database.ConnectionString);

        await database.DataSource.ExecuteAsync("insert into orleanspatterns_schema (version, script) values (99, '099_from_the_future.sql')");
        Assert.Equal(
            $"orleanspatterns-database Degraded: The database has schema version 99, and this build knows {Latest} only: it goes on, but would not start again.",
            (await CheckAsync(silo))[1]);

        await database.DataSource.ExecuteAsync($"delete from orleanspatterns_schema where version = {Latest}");
        Assert.Equal(
            $"orleanspatterns-database Unhealthy: The database lacks what this build needs; not yet run: {SchemaScript.All[^1].Name}.", (await CheckAsync(silo))[1]);

        await database.DataSource.ExecuteAsync("alter table orleanspatterns_schema rename to elsewhere");
        var checks = await CheckAsync(silo);
        Assert.Equal(
            "orleanspatterns-database Unhealthy: The database has no schema of OrleansPatterns, or the connection's search_path does not lead to it; "
            + $"this build needs version {Latest}.",
            checks[1]);
        Assert.Equal(Live, checks[2]);
        await silo.StopAsync(Token);
    }

    [Fact]
    public async Task StandaloneSilo_AnswersOverHttp()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        var (port, _) = SiloHost.FreePorts();
        var address = $"http://127.0.0.1:{port}";
        using var silo = SiloProcess.Start(database.ConnectionString, new Dictionary<string, string> { ["URLS"] = address });
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri(address) };

            // The web server starts after the silo.
            await SiloProcessCluster.AnswerAsync(() => http.GetStringAsync(new Uri("/health", UriKind.Relative), Token));
            Assert.Equal("ok", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Token));
            Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync("/health/ready"));
            Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync("/health/live"));

            await using var dataSource = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
            await dataSource.ExecuteAsync($"delete from orleanspatterns_schema where version = {Latest}");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await GetAsync("/health/ready"));
            Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetAsync("/health/live"));
            Assert.Equal("ok", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Token));

            async Task<(HttpStatusCode Status, string Said)> GetAsync(string path)
            {
                using var response = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
                return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
            }
        }
        finally
        {
            silo.Kill();
            await silo.WaitForExitAsync(Token);
        }
    }

    private static async Task<IHost> SiloAsync(string connectionString)
    {
        var silo = SiloHost.Silo(silo =>
        {
            silo.Services.AddHealthChecks().AddOrleansPatterns();
            silo.UsePostgres(connectionString).AddOrleansPatterns();
        });
        await silo.StartAsync(Token);
        return silo;
    }

    private static async Task<string[]> CheckAsync(IHost host)
    {
        var report = await host.Service<HealthCheckService>().CheckHealthAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        return [.. report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value.Status}: {entry.Value.Description}")];
    }
}
