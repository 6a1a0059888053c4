using OrleansPatterns.Discovery;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Discovery;

/// <summary>What only the silo of a list knows.</summary>
internal sealed class DiscoveryGrainInstruments(PatternMeter meter)
{
    private readonly MetricCounter _evictions = meter.Counter(
        "orleanspatterns.discovery.evictions", "{instance}", "Instances that left a list because they were silent for too long.");

    private readonly MetricCounter<ProtectionChange> _protections = meter.Counter(
        "orleanspatterns.discovery.protections", "{change}", "Lists that began, or ended, to keep instances that are silent together.",
        new MetricTag<ProtectionChange>("orleanspatterns.discovery.protection"));

    private readonly MetricHistogram<HealthCheckKind, HealthCheckOutcome> _checks = meter.Histogram(
        "orleanspatterns.discovery.health_check.duration", "s", "How long health checks of instances took, and how they ended.", MetricBuckets.Calls,
        new MetricTag<HealthCheckKind>("orleanspatterns.discovery.health_check.kind"),
        new MetricTag<HealthCheckOutcome>("orleanspatterns.discovery.health_check.outcome"));

    private readonly MetricCounter<HealthVerdict> _verdicts = meter.Counter(
        "orleanspatterns.discovery.health_check.verdicts", "{instance}", "Instances that are Down by their health checks, or are not any more.",
        new MetricTag<HealthVerdict>("orleanspatterns.discovery.health_check.verdict"));

    internal void Evicted() => _evictions.Add();

    internal void ProtectionChanged(bool isProtected) => _protections.Add(isProtected ? ProtectionChange.Begun : ProtectionChange.Ended);

    internal void Checked(HealthCheckKind kind, bool isWell, TimeSpan duration) =>
        _checks.Record(duration, kind, isWell ? HealthCheckOutcome.Passed : HealthCheckOutcome.Failed);

    internal void Judged(bool isDown) => _verdicts.Add(isDown ? HealthVerdict.Down : HealthVerdict.Up);
}
