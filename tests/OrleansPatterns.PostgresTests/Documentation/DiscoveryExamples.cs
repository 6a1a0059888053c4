#pragma warning disable CA1822, CA2000, IDE0059 // The code is what a reader sees: short, and not used further.

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of docs/discovery.md: each region is one, word by word.</summary>
internal sealed class DiscoveryExamples
{
    internal async Task FirstAsync(IServiceRegistry registry, HttpClient http, CancellationToken cancellationToken)
    {
        #region DISCOVERY-FIRST
        await using var registration = await registry.RegisterAsync("payments", new Uri("http://10.0.0.7:8080"), cancellationToken);

        var instance = await registry.ResolveAsync("payments", cancellationToken);
        var health = await http.GetStringAsync(new Uri(instance.Endpoint, "/health"), cancellationToken);
        #endregion
    }

    internal void Application(string[] args, string connectionString)
    {
        #region DISCOVERY-APPLICATION
        var builder = WebApplication.CreateBuilder(args);
        builder.UseOrleansClient(client => client.UsePostgres(connectionString).AddOrleansPatterns());
        builder.Services.AddServiceRegistration("orders", registration =>
        {
            registration.InstanceId = Environment.GetEnvironmentVariable("POD_NAME");
            registration.AdvertisedHost = Environment.GetEnvironmentVariable("POD_IP");
            registration.Describe = instance => instance with
            {
                Zone = "eu-1a",
                Version = "2.4.0",
                Tags = ["v2"],
                HealthCheck = new InstanceHealthCheck { Kind = HealthCheckKind.Http, Path = "/health/ready" },
            };
        });
        #endregion
    }

    internal void Caller(IServiceCollection services)
    {
        #region DISCOVERY-CALLER
        services.Configure<DiscoveryOptions>(discovery => discovery.Zone = "eu-1a");
        services.AddHttpClient("orders", client => client.BaseAddress = new Uri("http://orders"))
            .AddClusterServiceDiscovery(discovery => discovery.Filter = instance => instance.Tags.Contains("v2"));
        #endregion
    }

    internal void HealthChecks(ISiloBuilder silo)
    {
        #region DISCOVERY-HEALTH-CHECKS
        silo.Services.Configure<HealthCheckOptions>(checks => checks.Allow.Add("10.1.0.0/16"));
        #endregion
    }

    internal void SideBySide(IServiceCollection services)
    {
        #region DISCOVERY-SIDE-BY-SIDE
        string[] moved = ["orders", "payments"];
        services.AddClusterServiceEndpointProvider(registry => registry.ShouldResolve = moved.Contains);
        #endregion
    }

    internal async Task OperateAsync(IServiceOperations operations, IServiceRegistry registry, CancellationToken cancellationToken)
    {
        #region DISCOVERY-OPERATE
        var status = await operations.GetStatusAsync("payments", cancellationToken);
        var silent = status.Instances.Where(report => report.SilentFor > report.Lease / 2);

        var byHand = new InstanceOverride { Status = InstanceStatus.Draining, Reason = "disk is failing", Author = "ann" };
        var isThere = await registry.OverrideStatusAsync("payments", "payments-2", byHand, cancellationToken);

        // And back: the instance's own word holds again.
        await registry.OverrideStatusAsync("payments", "payments-2", byHand: null, cancellationToken);
        #endregion
    }
}
