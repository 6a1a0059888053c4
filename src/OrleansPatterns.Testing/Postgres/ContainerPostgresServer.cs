using Testcontainers.PostgreSql;

namespace OrleansPatterns.Testing.Postgres;

/// <summary>A server in a container, for machines with a container engine and no PostgreSQL.</summary>
internal sealed class ContainerPostgresServer : IAsyncDisposable
{
    private readonly PostgreSqlContainer _container;

    private ContainerPostgresServer(PostgreSqlContainer container) => _container = container;

    internal string ConnectionString => _container.GetConnectionString();

    /// <exception cref="LocalPostgresNotFoundException">No container engine answers.</exception>
    internal static async Task<ContainerPostgresServer> StartAsync(LocalPostgresOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var container = new PostgreSqlBuilder(options.ContainerImage)
                .WithCommand("-c", $"max_connections={options.MaxConnections}", "-c", $"fsync={(options.WaitForDisk ? "on" : "off")}")
                .Build();
            await container.StartAsync(cancellationToken);
            return new ContainerPostgresServer(container);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new LocalPostgresNotFoundException(exception);
        }
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
