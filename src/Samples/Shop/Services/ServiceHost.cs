using System.Net;
using Npgsql;
using Orleans.Configuration;
using Shop.Processes;

namespace Shop.Services;

/// <summary>What all web services of the shop have in common.</summary>
internal static class ServiceHost
{
    /// <summary>When the driver was killed the database is gone too, and nothing can be handed over any more.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(8);

    public static WebApplicationBuilder CreateBuilder(ProcessSettings settings, string serviceName)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Error);
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port: 0));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(settings.ConnectionString));
        builder.Services.AddHostedService<DriverWatch>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        builder.Services.AddServiceRegistration(serviceName, registration =>
            (registration.InstanceId, registration.DrainDelay) = (settings.Name, TimeSpan.FromSeconds(1)));
        return builder;
    }

    /// <summary>A service without grains: an Orleans client.</summary>
    public static void UseClient(this WebApplicationBuilder builder, ProcessSettings settings) =>
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(cluster => ShopCluster.Name(cluster, settings.ClusterId))
            .UsePostgres(settings.ConnectionString, postgres => postgres.StartupTimeout = ShopCluster.StartupTimeout)
            .AddOrleansPatterns());
}
