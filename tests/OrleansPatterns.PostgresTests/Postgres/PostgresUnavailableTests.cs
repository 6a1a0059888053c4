using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Schema;

namespace OrleansPatterns.PostgresTests.Postgres;

public sealed class PostgresUnavailableTests(PostgresServer server)
{
    private const string Password = "secret-pw";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_NobodyListens_TriesForTheWholeTimeAndNamesTheAddress(bool asSilo)
    {
        var (port, _) = SiloHost.FreePorts();
        var timeout = TimeSpan.FromMilliseconds(700);
        using var host = Start(asSilo, $"Host=127.0.0.1;Port={port};Database=shop;Username=clerk;Password={Password}", timeout);

        var exception = await Assert.ThrowsAsync<PostgresUnavailableException>(() => host.StartAsync(Token));

        Assert.Equal(("127.0.0.1", port, "shop", "clerk"), (exception.Host, exception.Port, exception.Database, exception.User));

        // Timers run on a coarser clock than the one that measures.
        Assert.InRange(exception.TriedFor, timeout - TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(15));
        Assert.Equal(
            $"Could not connect to PostgreSQL at 127.0.0.1, port {port}, database 'shop', user 'clerk', within {exception.TriedFor.TotalSeconds:0.0} s: "
            + $"Failed to connect to 127.0.0.1:{port}: Connection refused. "
            + "Check that the server runs, that host and port are right, and that this machine may reach it.",
            exception.Message);
        Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_UnknownUserOrWrongPassword_FailsAtOnce()
    {
        var connectionString = new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionString) { Username = "nobody-known", Password = Password };
        using var host = Start(asSilo: true, connectionString.ConnectionString, TimeSpan.FromMinutes(10));

        var exception = await FailsAtOnceAsync(host);

        // A server that asks for no password says "role does not exist" (28000) instead.
        Assert.StartsWith("28", Assert.IsType<PostgresException>(exception.InnerException).SqlState, StringComparison.Ordinal);
        Assert.Equal("nobody-known", exception.User);
        Assert.EndsWith("Check user name and password in the connection string, and the server's pg_hba.conf.", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_DatabaseDoesNotExist_FailsAtOnceAndSaysHowToCreateIt(bool asSilo)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(server.Postgres.ConnectionString) { Database = "no-such-shop" };
        using var host = Start(asSilo, connectionString.ConnectionString, TimeSpan.FromMinutes(10));

        var exception = await FailsAtOnceAsync(host);

        Assert.Contains("database \"no-such-shop\" does not exist (3D000).", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Create it ('create database \"no-such-shop\"') or name another in the connection string.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ClientOnADatabaseWithoutSchema_SaysSoAndCreatesNothing()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        using var host = SiloHost.Client(client => client.UsePostgres(
            database.ConnectionString, options => (options.MigrateSchema, options.StartupTimeout) = (true, TimeSpan.FromMilliseconds(500))));

        var exception = await Assert.ThrowsAsync<SchemaVersionException>(() => host.StartAsync(Token));

        Assert.Null(exception.DatabaseVersion);
        Assert.Equal(0, await database.DataSource.ScalarAsync<long>("select count(*) from pg_class where relnamespace = current_schema()::regnamespace"));
    }

    [Fact]
    public async Task Start_SiloThatMayNotMigrate_StopsBeforeItTouchesTheDatabase()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        using var host = SiloHost.Silo(silo => silo.UsePostgres(database.ConnectionString, options => options.MigrateSchema = false));

        await Assert.ThrowsAsync<SchemaVersionException>(() => host.StartAsync(Token));

        Assert.Equal(0, await database.DataSource.ScalarAsync<long>("select count(*) from pg_class where relnamespace = current_schema()::regnamespace"));
    }

    [Fact]
    public async Task Start_DatabaseTakesConnectionsOnlyLater_Waits()
    {
        await using var database = await EmptyDatabase.CreateAsync(server);
        await using var administration = NpgsqlDataSource.Create(server.Postgres.ConnectionString);
        var role = $"late_{Guid.NewGuid():N}";

        // A full database (53300) stands for one that is still starting (57P03): both pass. The limit does not hold for superusers.
        await administration.ExecuteAsync($"create role {role} login password '{Password}'");
        await administration.ExecuteAsync($"alter database {database.Name} connection limit 0");
        try
        {
            var connectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = Password };
            var options = Options.Create(new PostgresOptions());
            await using var postgres = PostgresDatabase.Create(connectionString.ConnectionString, options.Value);
            var log = new FirstLog();

            var opening = new PostgresConnector(postgres, options, RealTime.Provider, log).OpenAsync(Token);
            await log.Written.WaitAsync(TimeSpan.FromSeconds(20), Token);
            await administration.ExecuteAsync($"alter database {database.Name} connection limit -1");

            await (await opening).DisposeAsync();
            Assert.Equal(7001, (await log.Written).Id);
        }
        finally
        {
            await administration.ExecuteAsync($"drop role {role}");
        }
    }

    private static IHost Start(bool asSilo, string connectionString, TimeSpan timeout) => asSilo
        ? SiloHost.Silo(silo => silo.UsePostgres(connectionString, options => options.StartupTimeout = timeout))
        : SiloHost.Client(client => client.UsePostgres(connectionString, options => options.StartupTimeout = timeout));

    private static async Task<PostgresUnavailableException> FailsAtOnceAsync(IHost host)
    {
        var exception = await Assert.ThrowsAsync<PostgresUnavailableException>(() => host.StartAsync(Token));
        Assert.InRange(exception.TriedFor, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        return exception;
    }

    private sealed class FirstLog : ILogger<PostgresConnector>
    {
        private readonly TaskCompletionSource<EventId> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<EventId> Written => _written.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _written.TrySetResult(eventId);
    }
}
