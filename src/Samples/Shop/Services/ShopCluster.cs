using Orleans.Configuration;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;

namespace Shop.Services;

/// <summary>Settings that all members of a driver's cluster share: shorter times than the defaults, since a demo should not wait for minutes.</summary>
/// <remarks>Who is started by itself has the defaults, as the standalone silos have that it may share a cluster with.</remarks>
internal static class ShopCluster
{
    private const string ServiceId = "shop";

    /// <summary>Seven processes start at once, which a busy machine takes its time for; clients wait for the silos that bring the schema.</summary>
    public static readonly TimeSpan StartupTimeout = TimeSpan.FromMinutes(3);

    public static void Name(ClusterOptions cluster, string clusterId)
    {
        cluster.ClusterId = clusterId;
        cluster.ServiceId = ServiceId;
    }

    /// <summary>The same, as Orleans itself reads it.</summary>
    public static void WriteTo(IDictionary<string, string?> environment, string clusterId)
    {
        environment["Orleans__ClusterId"] = clusterId;
        environment["Orleans__ServiceId"] = ServiceId;
    }

    public static IServiceCollection TunePatterns(this IServiceCollection services) => services
        .Configure<ClusterMembershipOptions>(membership =>
        {
            // Three silos on one machine: a killed one is found out after two missed probes of a second each.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
        })
        .Configure<DiscoveryOptions>(discovery =>
        {
            discovery.HeartbeatInterval = TimeSpan.FromSeconds(1);
            discovery.Lease = TimeSpan.FromSeconds(4);
            discovery.RemoveAfter = TimeSpan.FromSeconds(20);
            discovery.RefreshInterval = TimeSpan.FromSeconds(2);
        })
        .Configure<LockOptions>(locks => locks.Lease = TimeSpan.FromSeconds(5))
        .Configure<IdempotencyOptions>(idempotency => idempotency.Lease = TimeSpan.FromSeconds(6))
        .ConfigureAll<CircuitBreakerOptions>(breaker =>
        {
            breaker.FailureRatio = 0.5;
            breaker.MinimumThroughput = 5;
            breaker.SamplingDuration = TimeSpan.FromSeconds(10);
            breaker.BreakDuration = TimeSpan.FromSeconds(2);
        });
}
