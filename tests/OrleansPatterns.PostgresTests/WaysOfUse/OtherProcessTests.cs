using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.WaysOfUse;

/// <summary>The standalone silo as a process of its own, and an Orleans client in this one.</summary>
public sealed class OtherProcessTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_OfAStandaloneSilo_TakesALockThatIsInTheDatabase()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        using var silo = SiloProcess.Start(database.ConnectionString);
        try
        {
            using var client = SiloHost.Client(builder => builder.UsePostgres(database.ConnectionString).AddOrleansPatterns(), "standalone");
            await client.StartAsync(Token);

            await using (var handle = await client.Services.GetRequiredService<IDistributedLockProvider>().AcquireLockAsync("sku-42", cancellationToken: Token))
            {
                Assert.Equal(1, handle.FencingToken);
            }

            await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);
            Assert.Equal(1, await dataSource.ScalarAsync<long>("select count(*) from orleans_storage where statename = 'lock' and grainkeytext = 'lock/sku-42'"));
            await client.StopAsync(Token);
        }
        finally
        {
            silo.Kill();
            await silo.WaitForExitAsync(Token);
        }
    }

    [Fact]
    public async Task StandaloneSilo_WithoutConnectionString_SaysWhatToSet()
    {
        using var silo = SiloProcess.Start(connectionString: "");
        var said = await silo.StandardError.ReadToEndAsync(Token);
        await silo.WaitForExitAsync(Token);
        Assert.Equal(1, silo.ExitCode);
        Assert.Contains("ConnectionStrings__OrleansPatterns", said, StringComparison.Ordinal);
    }
}
