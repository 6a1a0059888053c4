using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Orleans.Configuration;
using Orleans.Dashboard;
using OrleansPatterns.Locks;
using OrleansPatterns.StandaloneSilo;

// The standalone silo. Everything is set from outside, for instance by environment variables:
//   ConnectionStrings__OrleansPatterns, Orleans__ClusterId, Orleans__ServiceId, SiloPort, GatewayPort, URLS,
//   Postgres__... for each of PostgresOptions, Locks__... of LockOptions, Membership__... of Orleans' ClusterMembershipOptions,
//   Operators__Token or Operators__AllowAnonymous=true for the console at /patterns and Orleans' dashboard at /dashboard; neither: there is none.
var builder = WebApplication.CreateBuilder(args);

var connectionString = builder.Configuration.GetConnectionString("OrleansPatterns");
if (string.IsNullOrWhiteSpace(connectionString))
{
    await Console.Error.WriteLineAsync(
        "ConnectionStrings:OrleansPatterns is not set. Set the environment variable ConnectionStrings__OrleansPatterns to an Npgsql connection string.");
    return 1;
}

if (OperatorAccess.From(builder.Configuration, out var complaint) is not { } access)
{
    await Console.Error.WriteLineAsync(complaint);
    return 1;
}

access.AddTo(builder.Services);
builder.UseOrleans(silo =>
{
    silo
        .ConfigureEndpoints(
            siloPort: builder.Configuration.GetValue("SiloPort", EndpointOptions.DEFAULT_SILO_PORT),
            gatewayPort: builder.Configuration.GetValue("GatewayPort", EndpointOptions.DEFAULT_GATEWAY_PORT))
        .Configure<ClusterOptions>(builder.Configuration.GetSection("Orleans"))
        .Configure<ClusterMembershipOptions>(builder.Configuration.GetSection("Membership"))
        .Configure<LockOptions>(builder.Configuration.GetSection("Locks"))
        .UsePostgres(connectionString, builder.Configuration.GetSection("Postgres").Bind)
        .AddOrleansPatterns();
    if (access.IsGiven)
    {
        // It measures every grain call, so not for nobody.
        silo.AddDashboard();
    }
});

builder.Services.AddHealthChecks().AddOrleansPatterns();

var app = builder.Build();

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

await app.RunAsync();
return 0;
