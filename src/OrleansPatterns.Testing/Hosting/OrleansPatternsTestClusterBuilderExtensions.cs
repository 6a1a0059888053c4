using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansPatterns;
using OrleansPatterns.Cluster;
using OrleansPatterns.Testing;

namespace Orleans.TestingHost;

/// <summary>Adds the five patterns to a <see cref="TestCluster"/>: no database, time under the test's control.</summary>
public static class OrleansPatternsTestClusterBuilderExtensions
{
    /// <summary>
    /// Adds the five patterns, with state in memory, to every silo and to the client of the cluster.
    /// </summary>
    /// <remarks>
    /// State lives in memory grains: it survives the deactivation of a grain and is lost with the silo that holds it.
    /// The test's client services come from <c>cluster.Client.ServiceProvider</c>.
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
        if (time is not null)
        {
            TestClusterTime.Set(builder.Properties, time);
        }

        return builder.AddSiloBuilderConfigurator<SiloConfigurator>().AddClientBuilderConfigurator<ClientConfigurator>();
    }

    private static void UseTime(IServiceCollection services, IConfiguration configuration)
    {
        if (TestClusterTime.Find(configuration) is { } time)
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
            siloBuilder.AddMemoryGrainStorage(StorageNames.OrleansPatterns).AddOrleansPatterns();
            siloBuilder.Services.Replace(ServiceDescriptor.Singleton<IClusterClock, TimeProviderClusterClock>());
            UseTime(siloBuilder.Services, siloBuilder.Configuration);
        }
    }

    private sealed class ClientConfigurator : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            clientBuilder.AddOrleansPatterns();
            UseTime(clientBuilder.Services, configuration);
        }
    }
}
