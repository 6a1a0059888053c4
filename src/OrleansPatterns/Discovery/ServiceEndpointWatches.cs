using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansPatterns.Discovery;

/// <summary>One watch for each service that this process has asked for through Microsoft.Extensions.ServiceDiscovery.</summary>
internal sealed class ServiceEndpointWatches(IServiceRegistry registry, TimeProvider time, ILogger<ServiceEndpointWatch> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceEndpointWatch> _watches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The service's watch; it begins when it is first asked.</summary>
    internal ServiceEndpointWatch Of(string service) =>
        _watches.TryGetValue(service, out var watch)
            ? watch
            : _watches.GetOrAdd(service, name => new ServiceEndpointWatch(name, registry, time, logger, _stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_watches.Values.Select(static watch => watch.Watching));
        _stopping.Dispose();
    }
}
