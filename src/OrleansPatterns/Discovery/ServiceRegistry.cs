using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

internal sealed class ServiceRegistry(
    IGrainFactory grains,
    ClusterCaller cluster,
    ServiceHeartbeats heartbeats,
    ICircuitBreakerProvider breakers,
    IOptions<DiscoveryOptions> options,
    DiscoveryInstruments instruments,
    TimeProvider time,
    ILogger<ServiceRegistry> logger)
    : IServiceRegistry, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, WatchedService> _services = new(StringComparer.Ordinal);

    public async Task<ServiceRegistration> RegisterAsync(string service, ServiceInstance instance, CancellationToken cancellationToken = default)
    {
        var name = ResourceKey.Parse(service).Value;
        ArgumentNullException.ThrowIfNull(instance);
        var registration = new ServiceRegistration(
            name,
            instance with { Lease = instance.Lease ?? options.Value.Lease, RemoveAfter = instance.RemoveAfter ?? RemoveAfter(instance) },
            heartbeats);
        await heartbeats.BeginAsync(registration, cancellationToken);
        return registration;
    }

    public Task<ServiceRegistration> RegisterAsync(string service, Uri endpoint, CancellationToken cancellationToken = default) =>
        RegisterAsync(service, new ServiceInstance { Id = Guid.NewGuid().ToString("N"), Endpoint = endpoint }, cancellationToken);

    public ValueTask<ServiceInstance> ResolveAsync(string service, CancellationToken cancellationToken = default)
    {
        var watched = Watch(service);
        return watched.Latest is null
            ? WaitAsync(watched, cancellationToken)
            : new ValueTask<ServiceInstance>(Pick(watched, filter: null, policy: null, key: null).Instance);

        // Static, as what it would capture would be allocated with each call.
        static async ValueTask<ServiceInstance> WaitAsync(WatchedService watched, CancellationToken cancellationToken)
        {
            await watched.FirstAsync(cancellationToken);
            return Pick(watched, filter: null, policy: null, key: null).Instance;
        }
    }

    public async ValueTask<ServiceInstance?> TryResolveAsync(
        string service,
        Func<ServiceInstance, bool>? filter = null,
        LoadBalancing? policy = null,
        string? key = null,
        CancellationToken cancellationToken = default) =>
        (await GetAsync(service, cancellationToken)).Pick(filter, policy, key)?.Instance;

    public ValueTask<ServiceCall> BeginCallAsync(
        string service,
        Func<ServiceInstance, bool>? filter = null,
        LoadBalancing? policy = null,
        string? key = null,
        CancellationToken cancellationToken = default)
    {
        var watched = Watch(service);
        return watched.Latest is null
            ? WaitAsync(watched, filter, policy, key, cancellationToken)
            : new ValueTask<ServiceCall>(new ServiceCall(Pick(watched, filter, policy, key)));

        static async ValueTask<ServiceCall> WaitAsync(
            WatchedService watched, Func<ServiceInstance, bool>? filter, LoadBalancing? policy, string? key, CancellationToken cancellationToken)
        {
            await watched.FirstAsync(cancellationToken);
            return new ServiceCall(Pick(watched, filter, policy, key));
        }
    }

    public async ValueTask<ServiceSnapshot> GetInstancesAsync(string service, CancellationToken cancellationToken = default) =>
        (await GetAsync(service, cancellationToken)).Latest!;

    public TimeSpan? GetAge(string service) => _services.TryGetValue(service, out var watched) && watched.Latest is not null ? watched.Age : null;

    public async IAsyncEnumerable<ServiceSnapshot> WatchAsync(
        string service, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watched = await GetAsync(service, cancellationToken);
        while (true)
        {
            var (latest, changed) = watched.Observe();
            yield return latest!;
            await changed.WaitAsync(cancellationToken);
        }
    }

    public Task<bool> OverrideStatusAsync(string service, string instanceId, InstanceOverride? byHand, CancellationToken cancellationToken = default)
    {
        if (byHand is not null)
        {
            ServiceBounds.Check(byHand);
        }

        var (grain, decisionId) = (grains.GetServiceGrain(service), Guid.NewGuid());
        return cluster.CallAsync(
            $"decide the status of '{instanceId}' of service '{service}'", _ => grain.OverrideAsync(instanceId, byHand, decisionId), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watched in _services.Values)
        {
            await watched.DisposeAsync();
        }
    }

    private static RoutedInstance Pick(WatchedService watched, Func<ServiceInstance, bool>? filter, LoadBalancing? policy, string? key) =>
        watched.Pick(filter, policy, key) ?? throw new ServiceNotFoundException(watched.Service, watched.Latest!.Instances.Length);

    private TimeSpan RemoveAfter(ServiceInstance instance) =>
        instance.Lease is { } lease && lease * 2 > options.Value.RemoveAfter ? lease * 2 : options.Value.RemoveAfter;

    private WatchedService Watch(string service) =>
        _services.TryGetValue(service, out var watched) ? watched : _services.GetOrAdd(ResourceKey.Parse(service).Value, Create);

    private WatchedService Create(string service)
    {
        Func<string, bool>? isOpen = options.Value.BreakerOf is null
            ? null
            : breaker => breakers.Get(breaker).State is BreakerState.Open or BreakerState.LocalOpen or BreakerState.Isolated;
        var watched = new WatchedService(
            service,
            (shard, onChange) => new ListWatcher(service, shard, grains, cluster, options.Value, instruments, time, logger, onChange),
            new ServiceRouter(service, options.Value, time, Random.Shared, isOpen),
            instruments,
            time);
        instruments.Watched(watched);
        return watched;
    }

    private async ValueTask<WatchedService> GetAsync(string service, CancellationToken cancellationToken)
    {
        var watched = Watch(service);
        if (watched.Latest is null)
        {
            await watched.FirstAsync(cancellationToken);
        }

        return watched;
    }
}
