using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns.ChaosTests.CircuitBreakers;
using OrleansPatterns.ChaosTests.Discovery;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.ChaosTests.Idempotency;
using OrleansPatterns.ChaosTests.Locks;
using OrleansPatterns.ChaosTests.Sagas;
using OrleansPatterns.Discovery;
using OrleansPatterns.Locks;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A client in a process of its own, which uses all patterns and writes down what it asked for and heard, until its standard input ends.</summary>
internal static class ChaosWorker
{
    /// <summary>The only argument of a process that is such a client.</summary>
    internal const string Role = "worker";

    internal static async Task<int> RunAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        var configuration = builder.Configuration;
        var seed = int.Parse(configuration["Chaos:Seed"]!, CultureInfo.InvariantCulture);
        builder.Services.AddSingleton<TimeProvider>(SkewedTime.OfThisProcess());
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(configuration.GetConnectionString("Direct")!));
        builder.Services.AddSingleton(_ => new HistoryWriter(configuration["Chaos:History"]!));
        builder.Services.AddSingleton<LockWorkload>();
        builder.Services.AddSingleton<IdempotencyWorkload>();
        builder.Services.AddSingleton<SagaWorkload>();
        BreakerWorkload.AddTo(builder.Services, Path.GetFileNameWithoutExtension(configuration["Chaos:History"]!));
        builder.Services.AddSingleton<DiscoveryWorkload>();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        Configure(builder, configuration.GetConnectionString("OrleansPatterns")!);
        using var host = builder.Build();
        await host.StartAsync();

        using var quiet = new CancellationTokenSource();
        List<Task> loops = [];
        for (var loop = 0; loop < 4; loop++)
        {
            loops.Add(host.Services.GetRequiredService<LockWorkload>().RunAsync(new Random(seed + loop), quiet.Token));
            loops.Add(host.Services.GetRequiredService<IdempotencyWorkload>().RunAsync(new Random(seed - loop), quiet.Token));
        }

        loops.Add(host.Services.GetRequiredService<SagaWorkload>().RunAsync(quiet.Token));
        loops.Add(host.Services.GetRequiredService<BreakerWorkload>().RunAsync(new Random(seed), quiet.Token));
        loops.Add(host.Services.GetRequiredService<DiscoveryWorkload>().RunAsync(new Random(seed), quiet.Token));
        await Console.In.ReadToEndAsync();
        await quiet.CancelAsync();
        await Task.WhenAll(loops);
        await host.StopAsync();
        return 0;
    }

    /// <summary>Any client of a run, also the one that looks afterwards.</summary>
    internal static void Configure(HostApplicationBuilder builder, string connectionString)
    {
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ChaosSettings.ClusterId, ChaosSettings.ClusterId))
            .Configure<LockOptions>(options => options.Lease = ChaosSettings.Lease)
            .Configure<DiscoveryOptions>(ChaosSettings.Configure)
            .UseConnectionRetryFilter(async (_, token) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), new SkewedTime(TimeSpan.Zero), token);
                return true;
            })
            .UsePostgres(connectionString)
            .AddOrleansPatterns());
    }
}
