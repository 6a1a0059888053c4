using OrleansPatterns.Testing.Postgres;

[assembly: AssemblyFixture(typeof(OrleansPatterns.PostgresTests.PostgresServer))]

namespace OrleansPatterns.PostgresTests;

/// <summary>The server that all tests of this assembly share. Each fixture or test takes a database of its own on it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private LocalPostgres? _postgres;

    public LocalPostgres Postgres => _postgres ?? throw new InvalidOperationException("PostgreSQL is not started yet.");

    public async ValueTask InitializeAsync() =>
        _postgres = await LocalPostgres.StartAsync(cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
