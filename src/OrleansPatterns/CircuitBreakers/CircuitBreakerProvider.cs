using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.CircuitBreakers;

internal sealed class CircuitBreakerProvider(
    IGrainFactory grains,
    ClusterCaller cluster,
    IOptionsMonitor<CircuitBreakerOptions> options,
    BreakerInstruments instruments,
    TimeProvider time,
    ILoggerFactory loggers)
    : ICircuitBreakerProvider, IAsyncDisposable
{
    private static readonly string ProcessName =
        $"{AppDomain.CurrentDomain.FriendlyName}@{Environment.MachineName}:{Environment.ProcessId}";

    private static int _providers;

    /// <summary>Told apart from those of other hosts in this process, as tests have them.</summary>
    private readonly string _callerName = Interlocked.Increment(ref _providers) is > 1 and var number ? $"{ProcessName}#{number}" : ProcessName;
    private readonly ConcurrentDictionary<string, Lazy<CircuitBreaker>> _breakers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    private string ShortName => _callerName.Length > BreakerBounds.MaxNameLength ? _callerName[^BreakerBounds.MaxNameLength..] : _callerName;

    public ICircuitBreaker Get(string dependency)
    {
        if (_breakers.TryGetValue(dependency ?? "", out var known))
        {
            return known.Value;
        }

        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        var name = ResourceKey.Parse(dependency).Value;
        var settings = options.Get(name);
        return _breakers.GetOrAdd(name, key => new Lazy<CircuitBreaker>(() => Create(key, settings))).Value;
    }

    public async ValueTask DisposeAsync()
    {
        // Not disposed: one that is made at this moment still asks it, and stops at once.
        await _stopping.CancelAsync();
        await Task.WhenAll(_breakers.Values.Select(breaker => breaker.Value.Running));
    }

    private CircuitBreaker Create(string name, CircuitBreakerOptions settings)
    {
        var breaker = new CircuitBreaker(
            name, settings.CallerName ?? ShortName, new GrainBreakerTransport(name, grains, time), grains, cluster, settings, instruments, time, Random.Shared,
            loggers.CreateLogger<CircuitBreaker>());
        instruments.Used(breaker);
        return breaker.Start(_stopping.Token);
    }
}
