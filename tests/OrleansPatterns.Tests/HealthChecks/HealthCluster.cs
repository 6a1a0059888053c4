using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.TestingHost;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Tests.HealthChecks;

/// <summary>A silo and a client with health checks, on a clock that the test moves. The silo can be kept from answering, and stopped.</summary>
public sealed class HealthCluster : IAsyncDisposable
{
    private static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(20);

    /// <summary>What calls of the client wait for.</summary>
    private static volatile Task _mayAnswer = Task.CompletedTask;

    private readonly TestCluster _cluster;

    private HealthCluster(TestCluster cluster) => _cluster = cluster;

    internal static ObservedTime Time { get; private set; } = new();

    internal IServiceProvider Silo => _cluster.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress);

    internal IServiceProvider Client => _cluster.Client.ServiceProvider;

    internal static async Task<HealthCluster> StartAsync()
    {
        (Time, _mayAnswer) = (new ObservedTime(), Task.CompletedTask);
        var cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns(Time)
            .AddSiloBuilderConfigurator<Checked>().AddClientBuilderConfigurator<Checked>().Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);
        return new HealthCluster(cluster);
    }

    /// <summary>From now on calls of the client get no answer.</summary>
    internal static TaskCompletionSource HoldAnswers()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayAnswer = release.Task;
        return release;
    }

    internal Task StopSiloAsync() => _cluster.StopSiloAsync(_cluster.Silos[0]);

    /// <summary>The report of the checks with a tag, or all, check by check.</summary>
    internal static async Task<string[]> CheckAsync(IServiceProvider host, string? tag = null)
    {
        var report = await host.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(check => tag is null || check.Tags.Contains(tag), TestContext.Current.CancellationToken)
            .WaitAsync(SafetyNet, TestContext.Current.CancellationToken);
        return [.. report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key} {entry.Value.Status}: {entry.Value.Description}")];
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private sealed class Checked : ISiloConfigurator, IClientBuilderConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.Services.AddHealthChecks().AddOrleansPatterns();

        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            clientBuilder.Services.AddHealthChecks().AddOrleansPatterns();
            clientBuilder.AddOutgoingGrainCallFilter(async context =>
            {
                if (context.InterfaceMethod.DeclaringType == typeof(IPulseGrain))
                {
                    await _mayAnswer;
                }

                await context.Invoke();
            });
        }
    }
}
