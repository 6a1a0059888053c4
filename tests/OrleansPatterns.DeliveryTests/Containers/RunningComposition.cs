using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>What <c>docker compose up</c> starts, in its order, each when those are healthy that it depends on; and an Orleans client of it.</summary>
public sealed class RunningComposition : IAsyncLifetime
{
    internal const string OperatorsToken = "0123456789abcdef0123456789abcdef";

    private readonly Dictionary<string, List<ContainerProcess>> _processes = [];
    private PostgresContainer? _postgres;
    private IHost? _client;

    internal static ComposeFile Compose { get; } = ComposeFile.OfRepository(
        new Dictionary<string, string> { ["POSTGRES_PASSWORD"] = "not-a-secret", ["OPERATORS_TOKEN"] = OperatorsToken });

    internal IReadOnlyList<ContainerProcess> this[string service] => _processes[service];

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresContainer.StartAsync(Compose["postgres"].Environment, TestContext.Current.CancellationToken);
        var network = new LoopbackNetwork(_postgres.Port);
        HashSet<string> healthy = ["postgres"];
        while (Compose.Services.Where(service => !healthy.Contains(service.Name)).ToList() is { Count: > 0 } missing)
        {
            var next = missing.Where(service => service.DependsOn.Keys.All(healthy.Contains)).ToList();
            foreach (var service in next)
            {
                var image = Dockerfile.OfRepository.ImageOf(service.Target!);
                _processes[service.Name] =
                [
                    .. Enumerable.Range(1, service.Replicas).Select(number => ContainerProcess.Start(
                        $"{service.Name}-{number}", image, network.Translate(image.Environment.Concat(service.Environment)))),
                ];
            }

            foreach (var process in next.SelectMany(service => _processes[service.Name]))
            {
                await process.WaitUntilHealthyAsync();
            }

            healthy.UnionWith(next.Select(service => service.Name));
        }

        await ConnectAsync(this["silo"][0].Environment);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync(CancellationToken.None);
            _client.Dispose();
        }

        foreach (var process in _processes.Values.SelectMany(processes => processes))
        {
            await process.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    internal T Client<T>()
        where T : notnull => _client!.Services.GetRequiredService<T>();

    /// <summary>As a service does that runs on the same network.</summary>
    private async Task ConnectAsync(IReadOnlyDictionary<string, string> environment)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(options =>
                (options.ClusterId, options.ServiceId) = (environment["Orleans__ClusterId"], environment["Orleans__ServiceId"]))
            .UsePostgres(environment["ConnectionStrings__OrleansPatterns"])
            .AddOrleansPatterns());
        _client = builder.Build();
        await _client.StartAsync(TestContext.Current.CancellationToken);
    }
}
