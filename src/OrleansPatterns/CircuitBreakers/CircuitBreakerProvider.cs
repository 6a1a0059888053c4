using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.CircuitBreakers;

internal sealed class CircuitBreakerProvider(
    IGrainFactory grains, ClusterCaller cluster, IOptionsMonitor<CircuitBreakerOptions> options, TimeProvider time, ILoggerFactory loggers)
    : ICircuitBreakerProvider, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<CircuitBreaker>> _breakers = new(StringComparer.Ordinal);

    public ICircuitBreaker Get(string dependency)
    {
        if (_breakers.TryGetValue(dependency ?? "", out var known))
        {
            return known.Value;
        }

        var name = ResourceKey.Parse(dependency).Value;
        var settings = options.Get(name);
        return _breakers.GetOrAdd(name, key => new Lazy<CircuitBreaker>(() => Create(key, settings))).Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var breaker in _breakers.Values)
        {
            await breaker.Value.DisposeAsync();
        }
    }

    private CircuitBreaker Create(string name, CircuitBreakerOptions settings) => new(
        name, new GrainBreakerTransport(name, grains, time), grains, cluster, settings, time, loggers.CreateLogger<CircuitBreaker>());
}
