using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>
/// One silo, whose lists split when they are longer than eight and whose health checks the test plays, and a client, on a clock that only the test
/// moves. Counts calls.
/// </summary>
public sealed class SmallListCluster : IAsyncLifetime
{
    public const int MaxInstances = 8;

    private static readonly ConcurrentDictionary<string, int> Calls = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(string InstanceId, InstanceStatus Status), (Task Until, TaskCompletionSource Arrived)> Held = [];
    private TestCluster? _cluster;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public IServiceProvider Client => _cluster!.Client.ServiceProvider;

    public IGrainFactory Grains => Client.GetRequiredService<IGrainFactory>();

    public IServiceProvider Silo => _cluster!.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress);

    public static int CallsOf(string interfaceAndMethod) => Calls.GetValueOrDefault(interfaceAndMethod);

    public async ValueTask InitializeAsync()
    {
        _cluster = new TestClusterBuilder(initialSilosCount: 1).AddOrleansPatterns(Time).AddSiloBuilderConfigurator<SmallLists>()
            .AddClientBuilderConfigurator<HeldCalls>().Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Holds back the first message that registers this instance as this, until the task is completed.</summary>
    /// <returns>Completed when it has arrived after all.</returns>
    public static Task Hold(string instanceId, InstanceStatus status, Task until)
    {
        var arrived = new TaskCompletionSource();
        Held[(instanceId, status)] = (until, arrived);
        return arrived.Task;
    }

    private sealed class HeldCalls : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) => clientBuilder.AddOutgoingGrainCallFilter(async context =>
        {
            if (context.Request.GetArgumentCount() > 0
                && context.Request.GetArgument(0) is ServiceInstance instance
                && Held.TryRemove((instance.Id, instance.Status), out var held))
            {
                await held.Until;
                await context.Invoke();
                held.Arrived.SetResult();
                return;
            }

            await context.Invoke();
        });
    }

    private sealed class SmallLists : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.Services.Configure<ServiceListOptions>(options => options.MaxInstances = MaxInstances);
            siloBuilder.Services.Configure<HealthCheckOptions>(options => options.Allow.Add("127.0.0.1"));
            siloBuilder.Services.AddSingleton<IHealthProber, PlayedProber>();
            siloBuilder.AddIncomingGrainCallFilter(context =>
            {
                Calls.AddOrUpdate($"{context.InterfaceMethod.DeclaringType?.Name}.{context.InterfaceMethod.Name}", 1, static (_, count) => count + 1);
                return context.Invoke();
            });
        }
    }
}
