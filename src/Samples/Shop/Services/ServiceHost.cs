using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Npgsql;
using Shop.Processes;

namespace Shop.Services;

/// <summary>What all processes of the shop have in common.</summary>
internal static class ServiceHost
{
    /// <summary>When the driver was killed the database is gone too, and nothing can be handed over any more.</summary>
    private static readonly TimeSpan DrivenStopTime = TimeSpan.FromSeconds(8);

    /// <summary>A service that registers under a name.</summary>
    public static WebApplicationBuilder CreateBuilder(ProcessSettings settings, string serviceName)
    {
        var builder = CreateBuilder(settings);
        builder.Services.AddHostedService<ShopTables>();
        builder.Services.AddServiceRegistration(serviceName, registration =>
            (registration.InstanceId, registration.DrainDelay) = (settings.Name, TimeSpan.FromSeconds(1)));
        return builder;
    }

    public static WebApplicationBuilder CreateBuilder(ProcessSettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Error);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(settings.ConnectionString));
        builder.Services.AddHealthChecks().AddOrleansPatterns();
        if (settings.IsDriven)
        {
            builder.Services.TunePatterns();
            builder.Services.AddHostedService<DriverWatch>();
            builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrivenStopTime);
        }

        return builder;
    }

    /// <summary>A service without grains: an Orleans client.</summary>
    public static void UseClient(this WebApplicationBuilder builder, ProcessSettings settings) =>
        builder.UseOrleansClient(client => client
            .UsePostgres(settings.ConnectionString, postgres => postgres.StartupTimeout = ShopCluster.StartupTimeout)
            .AddOrleansPatterns());

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
    }
}
