using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests;

/// <summary>Real silos and a real client, clustered through PostgreSQL as in production; can be stopped whole and started again.</summary>
internal sealed class SiloCluster(string connectionString, int silos, Action<ISiloBuilder>? configure = null) : IAsyncDisposable
{
    internal string Id { get; } = $"cluster-{Guid.NewGuid():N}";
    private readonly List<IHost> _silos = [];
    private IHost? _client;

    public T Client<T>()
        where T : notnull =>
        (_client ?? throw new InvalidOperationException("The cluster is not started.")).Services.GetRequiredService<T>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var number = 0; number < silos; number++)
        {
            var silo = SiloHost.Silo(
                builder =>
                {
                    builder.UsePostgres(connectionString).AddOrleansPatterns();
                    configure?.Invoke(builder);
                },
                Id);
            await silo.StartAsync(cancellationToken);
            _silos.Add(silo);
        }

        _client = SiloHost.Client(client => client.UsePostgres(connectionString).AddOrleansPatterns(), Id);
        await _client.StartAsync(cancellationToken);
    }

    /// <summary>Stops the client and every silo. What was not written is gone.</summary>
    public async Task StopAsync()
    {
        if (_client is not null)
        {
            await StopAsync(_client);
            _client = null;
        }

        foreach (var silo in _silos)
        {
            await StopAsync(silo);
        }

        _silos.Clear();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static async Task StopAsync(IHost host)
    {
        await host.StopAsync();
        host.Dispose();
    }
}
