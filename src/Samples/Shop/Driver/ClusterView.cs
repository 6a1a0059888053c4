using Medallion.Threading;
using Orleans.Configuration;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using Shop.Processes;
using Shop.Services;

namespace Shop.Driver;

/// <summary>The driver as a client of the cluster: who is registered, and what the breakers say.</summary>
internal sealed class ClusterView : IAsyncDisposable
{
    /// <summary>Where each silo's order service shows the console.</summary>
    public const string ConsolePath = "/patterns";

    /// <summary>Where it shows the dashboard of Orleans itself.</summary>
    public const string DashboardPath = "/dashboard";

    private readonly IHost _host;

    private ClusterView(IHost host) => _host = host;

    public IServiceRegistry Registry => _host.Services.GetRequiredService<IServiceRegistry>();

    public IDistributedLockProvider Locks => _host.Services.GetRequiredService<IDistributedLockProvider>();

    public static async Task<ClusterView> ConnectAsync(string connectionString, string clusterId, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.TunePatterns();
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(cluster => ShopCluster.Name(cluster, clusterId))
            .UsePostgres(connectionString, postgres => postgres.StartupTimeout = ShopCluster.StartupTimeout)
            .AddOrleansPatterns());
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new ClusterView(host);
    }

    public Task WaitUntilRegisteredAsync(CancellationToken cancellationToken) => Task.WhenAll(
        WaitForCountAsync(Roles.Orders, count => count == ShopProcesses.SiloCount, cancellationToken),
        WaitForCountAsync(Roles.Inventory, count => count == 1, cancellationToken),
        WaitForCountAsync(Roles.Payment, count => count == ShopProcesses.PaymentCount, cancellationToken));

    /// <summary>Follows the pushed changes of a service until it has the right number of instances that are to be called.</summary>
    public async Task WaitForCountAsync(string service, Func<int, bool> isRight, CancellationToken cancellationToken)
    {
        await foreach (var snapshot in Registry.WatchAsync(service, cancellationToken))
        {
            if (isRight(snapshot.Available.Count()))
            {
                return;
            }
        }
    }

    /// <summary>Follows the pushed changes of a breaker until it is open.</summary>
    public async Task WaitUntilOpenAsync(string breaker, CancellationToken cancellationToken)
    {
        await foreach (var state in _host.Services.GetRequiredService<ICircuitBreakerProvider>().Get(breaker).WatchAsync(cancellationToken))
        {
            if (state == BreakerState.Open)
            {
                return;
            }
        }
    }

    public async Task<ServiceInstance> FindAsync(string service, string instanceId, CancellationToken cancellationToken)
    {
        var snapshot = await Registry.GetInstancesAsync(service, cancellationToken);
        return snapshot.Instances.Single(instance => instance.Id == instanceId);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
