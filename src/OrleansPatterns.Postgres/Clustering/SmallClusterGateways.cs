using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace OrleansPatterns.Postgres.Clustering;

/// <summary>How soon a client finds silos that are new, where the application does not say: a minute, by Orleans' own default.</summary>
internal sealed class SmallClusterGateways : IConfigureOptions<GatewayOptions>
{
    public void Configure(GatewayOptions options) => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5);
}
