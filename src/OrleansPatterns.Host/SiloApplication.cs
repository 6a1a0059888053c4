using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Orleans.Dashboard;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>The silo and its web server, put together.</summary>
internal static class SiloApplication
{
    internal static WebApplication Build(WebApplicationBuilder builder, SiloSettings settings, OperatorAccess access)
    {
        access.AddTo(builder.Services);
        builder.UseOrleans(silo =>
        {
            settings.ApplyTo(silo);
            silo.UsePostgres(builder.Configuration.GetConnectionString(Settings.ConnectionString)!).AddOrleansPatterns();
            foreach (var section in SettingsSection.All)
            {
                section.BindTo(silo.Services, builder.Configuration);
            }

            if (access.IsGiven)
            {
                // It measures every grain call, so not for nobody.
                silo.AddDashboard();
            }
        });

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownTimeout);
        builder.Services.AddHealthChecks().AddOrleansPatterns();
        builder.Services.AddSingleton<LastRequests>();

        var app = builder.Build();
        app.Use(app.Services.GetRequiredService<LastRequests>().InvokeAsync);

        // The web server starts after the silo has joined the cluster, so an answer means that it has.
        app.MapGet("/health", () => Results.Text("ok"));

        // To be asked again and again: whether to send it work, and whether to replace it.
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
        if (access.IsGiven)
        {
            access.Guard(app.MapOrleansPatterns());
            access.Guard(app.MapOrleansDashboard("/dashboard"));
        }

        return app;
    }
}
