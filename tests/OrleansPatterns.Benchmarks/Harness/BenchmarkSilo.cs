using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrleansPatterns.Benchmarks.CircuitBreakers;
using OrleansPatterns.Benchmarks.Discovery;
using OrleansPatterns.Benchmarks.Sagas;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>The silo under measurement, co-hosted here or in a process of its own.</summary>
internal static class BenchmarkSilo
{
    /// <summary>The hidden first argument of a process that is only a silo.</summary>
    internal const string Role = "silo";

    /// <summary>What such a process says first.</summary>
    internal const string Ready = "ready";

    internal static async Task<IHost> StartAsync(string connectionString, Action<ISiloBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(Identify);
            var (siloPort, gatewayPort) = FreePorts();
            silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, gatewayPort);
            silo.UsePostgres(connectionString).AddOrleansPatterns().AddSaga<ThreeStepSaga, OrderData>().AddSaga<SleepingSaga, OrderData>();
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    internal static async Task<IHost> ConnectAsync(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client.Configure<ClusterOptions>(Identify).UsePostgres(connectionString).AddOrleansPatterns());
        BreakersArea.Configure(builder.Services);
        DiscoveryArea.Configure(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Says "ready", answers each line with the bytes of live objects, and stops when its input ends.</summary>
    internal static async Task RunAsChildAsync(string connectionString)
    {
        using var host = await StartAsync(connectionString);
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(GC.GetTotalMemory(forceFullCollection: true).ToString(CultureInfo.InvariantCulture));
        }

        await host.StopAsync();
    }

    private static void Identify(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("benchmarks", "benchmarks");

    private static (int Silo, int Gateway) FreePorts()
    {
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        gateway.Start();
        return (((IPEndPoint)silo.LocalEndpoint).Port, ((IPEndPoint)gateway.LocalEndpoint).Port);
    }
}
