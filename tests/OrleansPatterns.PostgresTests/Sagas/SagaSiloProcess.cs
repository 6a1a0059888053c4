using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;

namespace OrleansPatterns.PostgresTests.Sagas;

/// <summary>A silo with the tests' sagas in a process of its own, set by the same environment variables as the standalone one.</summary>
internal static class SagaSiloProcess
{
    /// <summary>The only argument of a process that is such a silo.</summary>
    internal const string Role = "saga-silo";

    internal static async Task<int> RunAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        var configuration = builder.Configuration;
        var connectionString = configuration.GetConnectionString("OrleansPatterns")!;
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        builder.Services.AddSingleton<Effects>();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .ConfigureEndpoints(
                IPAddress.Loopback,
                int.Parse(configuration["SiloPort"]!, CultureInfo.InvariantCulture),
                int.Parse(configuration["GatewayPort"]!, CultureInfo.InvariantCulture))
            .Configure<ClusterOptions>(configuration.GetSection("Orleans"))
            .Configure<ClusterMembershipOptions>(configuration.GetSection("Membership"))
            .UsePostgres(connectionString, configuration.GetSection("Postgres").Bind)
            .AddOrleansPatterns()
            .AddSaga<EffectsSaga, EffectsData>());
        await builder.Build().RunAsync();
        return 0;
    }
}
