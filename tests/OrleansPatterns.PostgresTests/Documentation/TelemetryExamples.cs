using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>The examples of <c>docs/telemetry.md</c>, see <see cref="ExampleTests"/>.</summary>
internal static class TelemetryExamples
{
    internal static void Collect(WebApplicationBuilder builder, string connectionString)
    {
        #region OPENTELEMETRY
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("OrleansPatterns", "Microsoft.Orleans", "Npgsql").AddOtlpExporter())
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddSource("OrleansPatterns", "Microsoft.Orleans.Application")
                .AddOtlpExporter());
        builder.UseOrleans(silo => silo.UsePostgres(connectionString).AddOrleansPatterns().AddActivityPropagation());
        #endregion
    }

    internal static void CheckHealth(WebApplicationBuilder builder, WebApplication app)
    {
        #region HEALTH-CHECKS
        builder.Services.AddHealthChecks().AddOrleansPatterns();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
        #endregion
    }
}
