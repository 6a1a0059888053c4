using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>An instance to look at.</summary>
internal sealed record InstanceView(
    string Id,
    Uri Endpoint,
    IReadOnlyDictionary<string, Uri> Endpoints,
    string? Zone,
    string? Version,
    double Weight,
    ImmutableArray<string> Tags,
    IReadOnlyDictionary<string, string> Metadata,
    InstanceStatus Status,
    StatusSource StatusSource,
    double LeaseSeconds,
    double SilentForSeconds,
    InstanceHealthCheckView? HealthCheck,
    InstanceOverride? Override)
{
    internal static InstanceView Of(InstanceReport report) => new(
        report.Instance.Id,
        report.Instance.Endpoint,
        report.Instance.Endpoints,
        report.Instance.Zone,
        report.Instance.Version,
        report.Instance.Weight,
        report.Instance.Tags,
        report.Instance.Metadata,
        report.Instance.Status,
        report.Instance.StatusSource,
        report.Lease.TotalSeconds,
        report.SilentFor.TotalSeconds,
        report.Instance.HealthCheck is { } check ? new InstanceHealthCheckView(check.Kind, check.EndpointName, report.HealthFault) : null,
        report.Override);
}
