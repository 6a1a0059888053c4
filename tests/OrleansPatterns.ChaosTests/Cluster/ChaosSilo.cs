using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns.ChaosTests.Recovery;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres;
using OrleansPatterns.PostgresTests.Sagas;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A silo in a process of its own, reached by way of proxies: it listens on other ports than those it is known by.</summary>
internal static class ChaosSilo
{
    /// <summary>The only argument of a process that is such a silo.</summary>
    internal const string Role = "silo";

    internal static async Task<int> RunAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        var configuration = builder.Configuration;
        var direct = configuration.GetConnectionString("Direct")!;
        builder.Services.AddSingleton<TimeProvider>(SkewedTime.OfThisProcess());
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(direct));
        builder.Services.AddSingleton<Effects>();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = IPAddress.Loopback;
                endpoints.SiloPort = Port("SiloPort");
                endpoints.GatewayPort = Port("GatewayPort");
                endpoints.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, Port("SiloListeningPort"));
                endpoints.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Loopback, Port("GatewayListeningPort"));
            })
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ChaosSettings.ClusterId, ChaosSettings.ClusterId))
            .Configure<ClusterMembershipOptions>(configuration.GetSection("Membership"))
            .Configure<PostgresOptions>(configuration.GetSection("Postgres"))
            .Configure<LockOptions>(options => options.Lease = ChaosSettings.Lease)
            .UsePostgres(configuration.GetConnectionString("OrleansPatterns")!)
            .AddOrleansPatterns()
            .AddSaga<EffectsSaga, EffectsData>()
            .AddSaga<MarchSaga, MarchData>());
        await builder.Build().RunAsync();
        return 0;

        int Port(string name) => int.Parse(configuration[name]!, CultureInfo.InvariantCulture);
    }
}
