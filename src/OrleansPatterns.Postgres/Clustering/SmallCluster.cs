using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace OrleansPatterns.Postgres.Clustering;

/// <summary>How soon what is gone is found out, where the application does not say. Orleans' own defaults are for clusters of hundreds of silos.</summary>
/// <remarks>Measured in <c>docs/chaos.md</c>.</remarks>
internal sealed class SmallCluster
    : IConfigureOptions<ClusterMembershipOptions>, IConfigureOptions<SiloMessagingOptions>, IConfigureOptions<GatewayOptions>
{
    public void Configure(ClusterMembershipOptions options)
    {
        // Three probes missed make it three seconds, for a silo whose process is gone and its connections with it.
        options.ProbeTimeout = TimeSpan.FromSeconds(1);

        // Times three this is how long ago the last message must be from one that is still connected: it may only collect garbage, or want for processors.
        options.MaxProbeTimeout = TimeSpan.FromSeconds(4);

        // A silo that the others do not reach learns from the table that it is dead.
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);

        // After so long, times three, a silo of a cluster that was killed as a whole needs nobody's vote any more.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
    }

    /// <summary>
    /// What silos ask each other, where a grain is above all. A question that was lost with its connection holds up everybody who asks for the grain.
    /// </summary>
    public void Configure(SiloMessagingOptions options) => options.SystemResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A client leaves silos that are dead but connected, and finds those that are new.</summary>
    public void Configure(GatewayOptions options) => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5);
}
