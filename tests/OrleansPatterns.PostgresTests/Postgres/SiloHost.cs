using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansPatterns.Postgres;

namespace OrleansPatterns.PostgresTests.Postgres;

/// <summary>A silo or client as an application would host it. A TestCluster would bring its own membership and grain directory.</summary>
internal static class SiloHost
{
    internal static IHost Silo(Action<ISiloBuilder> configure, string clusterId = "test")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, "tests"));
            var (siloPort, gatewayPort) = FreePorts();
            silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
            silo.Configure<PostgresOptions>(FromEnvironment);
            configure(silo);
        });
        return builder.Build();
    }

    internal static IHost Client(Action<IClientBuilder> configure, string clusterId = "test")
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, "tests"));
            configure(client);
        });
        return builder.Build();
    }

    /// <summary>
    /// Lets the whole suite run on another storage: <c>Postgres__GrainStorage</c> and <c>Postgres__StateFormat</c>, as the standalone silo reads them.
    /// </summary>
    internal static void FromEnvironment(PostgresOptions options) =>
        new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection("Postgres").Bind(options);

    /// <summary>Both sockets are open at the same time, or the second could get the first one's port.</summary>
    internal static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    internal static T Service<T>(this IHost host)
        where T : notnull => host.Services.GetRequiredService<T>();
}
