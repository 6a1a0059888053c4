using Npgsql;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.PostgresTests.LocalServer;

public sealed class LocalPostgresTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateDatabase_ThenDispose_LeavesNothingBehind()
    {
        var database = await server.Postgres.CreateDatabaseAsync(Token);
        await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);
        Assert.Equal(database.Name, await ScalarAsync<string>(dataSource, "select current_database()::text"));

        await database.DisposeAsync();

        await using var serverSource = NpgsqlDataSource.Create(server.Postgres.ConnectionString);
        Assert.Equal(0, await ScalarAsync<long>(serverSource, $"select count(*) from pg_database where datname = '{database.Name}'"));
    }

    [Fact]
    public async Task Start_WithConnectionString_UsesThatServerAndLeavesItRunning()
    {
        var options = new LocalPostgresOptions { ConnectionString = server.Postgres.ConnectionString };
        var named = await LocalPostgres.StartAsync(options, Token);
        Assert.Equal("the given connection string", named.Origin);
        await named.DisposeAsync();

        await using var dataSource = NpgsqlDataSource.Create(server.Postgres.ConnectionString);
        Assert.Equal(1, await ScalarAsync<int>(dataSource, "select 1"));
    }

    [Fact]
    public async Task Start_WithoutServerAndContainerEngine_SaysWhatToInstall()
    {
        // An image name that no engine can have stands for the absence of an engine, so that the test also holds where one runs.
        var options = new LocalPostgresOptions { SearchPath = [], ContainerImage = "127.0.0.1:1/no-such-image:0", ConnectionString = "" };
        var exception = await Assert.ThrowsAsync<LocalPostgresNotFoundException>(() => LocalPostgres.StartAsync(options, Token));
        Assert.Contains("apt-get install postgresql", exception.Message, StringComparison.Ordinal);
        Assert.Contains(LocalPostgres.EnvironmentVariable, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_ThenStartAgain_KeepsWhatWasCommitted()
    {
        await using var own = await LocalPostgres.StartAsync(new LocalPostgresOptions { ConnectionString = "" }, Token);
        await using (var before = NpgsqlDataSource.Create(own.ConnectionString))
        await using (var write = before.CreateCommand("create table kept as select 42 as value"))
        {
            await write.ExecuteNonQueryAsync(Token);
        }

        await own.StopAsync(Token);
        await using var after = NpgsqlDataSource.Create(own.ConnectionString);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync<int>(after, "select value from kept"));
        await own.StartAgainAsync(Token);

        Assert.Equal(42, await ScalarAsync<int>(after, "select value from kept"));
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }
}
