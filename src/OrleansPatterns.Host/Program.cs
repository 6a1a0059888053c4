using Orleans.Configuration;
using OrleansPatterns.Locks;

// The standalone silo. Everything is set from outside, for instance by environment variables:
//   ConnectionStrings__OrleansPatterns, Orleans__ClusterId, Orleans__ServiceId, SiloPort, GatewayPort, URLS,
//   Postgres__... for each of PostgresOptions, Locks__... of LockOptions, Membership__... of Orleans' ClusterMembershipOptions.
var builder = WebApplication.CreateBuilder(args);

var connectionString = builder.Configuration.GetConnectionString("OrleansPatterns");
if (string.IsNullOrWhiteSpace(connectionString))
{
    await Console.Error.WriteLineAsync(
        "ConnectionStrings:OrleansPatterns is not set. Set the environment variable ConnectionStrings__OrleansPatterns to an Npgsql connection string.");
    return 1;
}

builder.UseOrleans(silo => silo
    .ConfigureEndpoints(
        siloPort: builder.Configuration.GetValue("SiloPort", EndpointOptions.DEFAULT_SILO_PORT),
        gatewayPort: builder.Configuration.GetValue("GatewayPort", EndpointOptions.DEFAULT_GATEWAY_PORT))
    .Configure<ClusterOptions>(builder.Configuration.GetSection("Orleans"))
    .Configure<ClusterMembershipOptions>(builder.Configuration.GetSection("Membership"))
    .Configure<LockOptions>(builder.Configuration.GetSection("Locks"))
    .UsePostgres(connectionString, builder.Configuration.GetSection("Postgres").Bind)
    .AddOrleansPatterns());

var app = builder.Build();

// The web server starts after the silo has joined the cluster, so an answer means a working silo.
app.MapGet("/health", () => Results.Text("ok"));
await app.RunAsync();
return 0;
