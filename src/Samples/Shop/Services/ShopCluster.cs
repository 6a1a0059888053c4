using Orleans.Configuration;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;

namespace Shop.Services;

/// <summary>Settings that all members of the cluster share: shorter times than the defaults, since a demo should not wait for minutes.</summary>
internal static class ShopCluster
{
    /// <summary>Seven processes start at once, which a busy machine takes its time for; clients wait for the silos that bring the schema.</summary>
    public static readonly TimeSpan StartupTimeout = TimeSpan.FromMinutes(3);

    public static void Name(ClusterOptions cluster, string clusterId)
    {
        cluster.ClusterId = clusterId;
        cluster.ServiceId = "shop";
    }

    /// <summary>Three silos on one machine: a killed one is found out after two missed probes of a second each.</summary>
    public static void TuneMembership(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
        membership.NumMissedProbesLimit = 2;
    }

    public static IServiceCollection TunePatterns(this IServiceCollection services) => services
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
