using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

internal static class HealthCheckTarget
{
    /// <summary>Which of the instance's addresses the check asks.</summary>
    internal static Uri Target(this ServiceInstance instance, InstanceHealthCheck check) =>
        check.EndpointName is { } name ? instance.Endpoints[name] : instance.Endpoint;
}
