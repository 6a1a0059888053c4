using System.Collections.Concurrent;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Discovery;

/// <summary>What a process that resolves and registers tells of it.</summary>
internal sealed class DiscoveryInstruments
{
    private readonly MetricCounter<UnresolvedCause> _unresolved;
    private readonly MetricCounter _refreshFailures;
    private readonly MetricCounter _heartbeatFailures;
    private readonly MetricCounter _repeats;
    private readonly ConcurrentQueue<WatchedService> _watched = [];
    private long _registrations;

    public DiscoveryInstruments(PatternMeter meter)
    {
        _unresolved = meter.Counter(
            "orleanspatterns.discovery.unresolved", "{call}", "Calls for which there was no instance.",
            new MetricTag<UnresolvedCause>("orleanspatterns.discovery.cause"));
        _refreshFailures = meter.Counter(
            "orleanspatterns.discovery.refresh.failures", "{refresh}", "Times that a list could not be had from the cluster; the last one known goes on being used.");
        meter.Gauge(
            "orleanspatterns.discovery.list.age", "s", "How long ago the cluster has confirmed the list of which that is longest ago.",
            () => _watched.Where(static watched => watched.Latest is not null).Max(static watched => (double?)watched.Age.TotalSeconds));
        meter.UpDownCounter(
            "orleanspatterns.discovery.registrations", "{instance}", "Instances that the process keeps registered.", () => Interlocked.Read(ref _registrations));
        _heartbeatFailures = meter.Counter(
            "orleanspatterns.discovery.heartbeat.failures", "{instance}", "Instances whose heartbeat was not answered; the next one follows.");
        _repeats = meter.Counter(
            "orleanspatterns.discovery.registration.repeats", "{instance}", "Instances that were no longer listed, and were registered again.");
    }

    internal void Watched(WatchedService service) => _watched.Enqueue(service);

    internal void Unresolved(UnresolvedCause cause) => _unresolved.Add(cause);

    internal void RefreshFailed() => _refreshFailures.Add();

    /// <summary>An instance is registered; <see cref="Ended"/> follows.</summary>
    internal void Registered() => Interlocked.Increment(ref _registrations);

    internal void Ended() => Interlocked.Decrement(ref _registrations);

    internal void HeartbeatFailed(int instances) => _heartbeatFailures.Add(instances);

    internal void RegisteredAgain() => _repeats.Add();
}
