using Npgsql;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>A private server in the place of the PostgreSQL container, with the user and the database that its image makes.</summary>
internal sealed class PostgresContainer : IAsyncDisposable
{
    private PostgresContainer(LocalPostgres server) => Server = server;

    internal LocalPostgres Server { get; }

    internal int Port => new NpgsqlConnectionStringBuilder(Server.ConnectionString).Port;

    /// <param name="environment">Of the service: <c>POSTGRES_USER</c>, <c>POSTGRES_PASSWORD</c> and <c>POSTGRES_DB</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<PostgresContainer> StartAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        // The empty text: never the server that ORLEANSPATTERNS_POSTGRES names, as this one gets a user, and is stopped.
        var container = new PostgresContainer(await LocalPostgres.StartAsync(new LocalPostgresOptions { ConnectionString = "" }, cancellationToken));
        var user = environment["POSTGRES_USER"];
        await container.ExecuteAsync($"create role {user} login password '{environment["POSTGRES_PASSWORD"]}'", cancellationToken);
        await container.ExecuteAsync($"create database {environment["POSTGRES_DB"]} owner {user}", cancellationToken);
        return container;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
