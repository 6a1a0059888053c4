using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

internal sealed class ServiceRegistry(
    IGrainFactory grains, ClusterCaller cluster, IOptions<DiscoveryOptions> options, TimeProvider time, ILoggerFactory loggers)
    : IServiceRegistry, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceWatcher> _watchers = new(StringComparer.Ordinal);

    public async Task<ServiceRegistration> RegisterAsync(string service, ServiceInstance instance, CancellationToken cancellationToken = default)
    {
        var grain = grains.GetServiceGrain(service);
        ServiceBounds.Check(instance);
        await cluster.CallAsync(
            $"register '{instance.Id}' as service '{service}'", _ => grain.RegisterAsync(instance, options.Value.Lease), cancellationToken);
        return new ServiceRegistration(service, instance, grain, options.Value, time, loggers.CreateLogger<ServiceRegistration>());
    }

    public Task<ServiceRegistration> RegisterAsync(string service, Uri endpoint, CancellationToken cancellationToken = default) =>
        RegisterAsync(service, new ServiceInstance { Id = Guid.NewGuid().ToString("N"), Endpoint = endpoint }, cancellationToken);

    public async ValueTask<ServiceInstance> ResolveAsync(string service, CancellationToken cancellationToken = default)
    {
        var (watcher, snapshot) = await GetAsync(service, cancellationToken);
        return watcher.Balancer.Pick(snapshot.Instances, filter: null, options.Value.LoadBalancing)
            ?? throw new ServiceNotFoundException(service, snapshot.Instances.Length);
    }

    public async ValueTask<ServiceInstance?> TryResolveAsync(
        string service, Func<ServiceInstance, bool>? filter = null, LoadBalancing? policy = null, CancellationToken cancellationToken = default)
    {
        var (watcher, snapshot) = await GetAsync(service, cancellationToken);
        return watcher.Balancer.Pick(snapshot.Instances, filter, policy ?? options.Value.LoadBalancing);
    }

    public async ValueTask<ServiceSnapshot> GetInstancesAsync(string service, CancellationToken cancellationToken = default) =>
        (await GetAsync(service, cancellationToken)).Snapshot;

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(
        string service, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (watcher, _) = await GetAsync(service, cancellationToken);
        while (true)
        {
            var (latest, changed) = watcher.Observe();
            yield return latest!;
            await changed.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers.Values)
        {
            await watcher.DisposeAsync();
        }
    }

    private async ValueTask<(ServiceWatcher Watcher, ServiceSnapshot Snapshot)> GetAsync(string service, CancellationToken cancellationToken)
    {
        if (!_watchers.TryGetValue(service, out var watcher))
        {
            _ = ResourceKey.Parse(service);
            watcher = _watchers.GetOrAdd(
                service, name => new ServiceWatcher(name, grains, cluster, options, time, loggers.CreateLogger<ServiceWatcher>()));
        }

        return (watcher, watcher.Latest ?? await watcher.FirstAsync(cancellationToken));
    }
}
