using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansPatterns;
using OrleansPatterns.Catalog;
using OrleansPatterns.Cluster;
using OrleansPatterns.Server.Sagas;
using OrleansPatterns.Testing.Cluster;
using OrleansPatterns.Testing.Sagas;
using OrleansPatterns.Testing.Storage;

namespace Orleans.TestingHost;

/// <summary>Adds the five patterns to a <see cref="TestCluster"/>: no database, time under the test's control.</summary>
public static class OrleansPatternsTestClusterBuilderExtensions
{
    /// <summary>
    /// Adds the five patterns, with state in memory, to every silo and to the client of the cluster. <c>PatternsTestCluster.StartAsync</c> does it all in one
    /// line; this is for test clusters that are built otherwise.
    /// </summary>
    /// <remarks>
    /// States of the patterns' grains, and the catalog, lie outside of the silos: what was acknowledged is there when a silo is killed.
    /// The test's client services come from <c>cluster.Client.ServiceProvider</c>; once deployed, <c>cluster.AsPatternsTestCluster()</c> has the helpers.
    /// </remarks>
    /// <param name="builder">The builder of the test cluster.</param>
    /// <param name="time">
    /// The clock of silos and client, for instance a <c>FakeTimeProvider</c> that the test advances; <see langword="null"/> (default): the real
    /// one. Orleans' own background work keeps real time either way, so that advancing the clock does not look like a dead silo.
    /// </param>
    /// <returns>The same builder.</returns>
    public static TestClusterBuilder AddOrleansPatterns(this TestClusterBuilder builder, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddParts(new TestClusterParts(time));
    }

    internal static TestClusterBuilder AddParts(this TestClusterBuilder builder, TestClusterParts parts)
    {
        parts.Publish(builder.Properties);
        return builder.AddSiloBuilderConfigurator<SiloConfigurator>().AddClientBuilderConfigurator<ClientConfigurator>();
    }

    private static void AddParts(IServiceCollection services, TestClusterParts parts)
    {
        services.AddSingleton(parts);
        services.AddSingleton<IOutgoingGrainCallFilter>(parts.Activity);
        if (parts.Time is { } time)
        {
            services.Replace(ServiceDescriptor.Singleton(time));
#pragma warning disable RS0030 // The one place outside the tests that names the real clock: Orleans' own timers must not follow a fake one.
            services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
#pragma warning restore RS0030
        }
    }

    private sealed class SiloConfigurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var parts = TestClusterParts.Find(siloBuilder.Configuration);
            siloBuilder.AddOrleansPatterns();
            siloBuilder.Services.Replace(ServiceDescriptor.Singleton<IClusterClock, TimeProviderClusterClock>());
            AddParts(siloBuilder.Services, parts);
            siloBuilder.Services
                .AddSingleton<SiloLife>()
                .AddSingleton<IOutgoingGrainCallFilter>(static services => services.GetRequiredService<SiloLife>())
                .AddSingleton<IIncomingGrainCallFilter>(parts.Activity)
                .AddSingleton<IIncomingGrainCallFilter>(parts.Silenced)
                .AddSingleton<ISagaStepInterceptor, SagaStepInterceptor>()
                .Replace(ServiceDescriptor.Singleton<ICatalog>(services => new SharedCatalog(
                    parts.Catalog(services.GetRequiredService<TimeProvider>()), services.GetRequiredService<SiloLife>())))
                .AddKeyedSingleton<IGrainStorage>(StorageNames.OrleansPatterns, (services, _) => new SharedGrainStorage(
                    parts.Rows,
                    services.GetRequiredService<SiloLife>(),
                    services.GetRequiredService<Serializer>(),
                    services.GetRequiredService<IActivatorProvider>()));
            if (parts.Membership is { } membership)
            {
                siloBuilder.Services.AddSingleton<IMembershipTable>(membership);

                // News between silos may get lost with one that is killed. The table costs nothing to read.
                siloBuilder.Services.Configure<ClusterMembershipOptions>(static options => options.TableRefreshTimeout = TimeSpan.FromMilliseconds(100));
            }

            parts.ConfigureSilo?.Invoke(siloBuilder);
        }
    }

    private sealed class ClientConfigurator : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            var parts = TestClusterParts.Find(configuration);
            clientBuilder.AddOrleansPatterns();
            AddParts(clientBuilder.Services, parts);
            if (parts.Membership is { } membership)
            {
                clientBuilder.Services.AddSingleton<IGatewayListProvider>(membership);

                // So that the client finds silos that a test starts.
                clientBuilder.Services.Configure<GatewayOptions>(static options => options.GatewayListRefreshPeriod = TimeSpan.FromMilliseconds(100));
            }

            parts.ConfigureClient?.Invoke(clientBuilder);
        }
    }
}
