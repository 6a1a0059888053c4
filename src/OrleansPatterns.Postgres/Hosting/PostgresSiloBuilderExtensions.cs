using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using OrleansPatterns;
using OrleansPatterns.Catalog;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Postgres.Catalog;
using OrleansPatterns.Postgres.Clock;
using OrleansPatterns.Postgres.Clustering;
using OrleansPatterns.Postgres.Expiry;
using OrleansPatterns.Postgres.Hosting;
using OrleansPatterns.Postgres.Idempotency;
using OrleansPatterns.Postgres.Schema;
using OrleansPatterns.Telemetry;

namespace Orleans.Hosting;

/// <summary>Makes PostgreSQL the only infrastructure of a silo.</summary>
public static class PostgresSiloBuilderExtensions
{
    /// <summary>Uses one PostgreSQL database for cluster membership, for the grain state of all patterns, and for the catalog.</summary>
    /// <remarks>
    /// <para>When the silo starts, it waits for the database (<see cref="PostgresOptions.StartupTimeout"/>) and brings its schema up to date
    /// (<see cref="PostgresOptions.MigrateSchema"/>), before anything else: silos that start together do so one after the other. Starting
    /// fails with <see cref="PostgresUnavailableException"/>, <see cref="SchemaVersionException"/> or <see cref="SchemaMigrationException"/>.</para>
    /// <para>The connection string decides; where it says nothing, <c>Maximum Pool Size</c> is <see cref="PostgresOptions.MaxPoolSize"/>,
    /// <c>Max Auto Prepare</c> is 100 (set it to 0 behind a pooler in transaction mode) and <c>Application Name</c> is
    /// <c>OrleansPatterns</c>. Cluster id and service id stay Orleans' own, see <c>ClusterOptions</c>: silos with the same cluster id form one
    /// cluster, and services with different service ids share the database without seeing each other's state.</para>
    /// <para>Silos find out sooner that one is gone than by Orleans' own defaults: after about 3 seconds where its process has ended, 12 where it stands
    /// still or is not to be reached. <c>ClusterMembershipOptions</c> and <c>SiloMessagingOptions</c> say otherwise. A silo that is cut off from the database alone is declared dead as
    /// well, see <see cref="PostgresOptions.CutOffAfter"/>.</para>
    /// <para>The order of this and <c>AddOrleansPatterns</c> does not matter. Called twice, the last database counts.</para>
    /// </remarks>
    /// <param name="silo">The silo under construction.</param>
    /// <param name="connectionString">An Npgsql connection string, such as <c>Host=localhost;Database=shop;Username=shop;Password=...</c>.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is empty or is none.</exception>
    public static ISiloBuilder UsePostgres(this ISiloBuilder silo, string connectionString, Action<PostgresOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        PostgresDatabase.ThrowIfInvalid(connectionString, nameof(connectionString));
        return silo.UsePostgres(PostgresRegistration.Connecting(connectionString), configure);
    }

    /// <inheritdoc cref="UsePostgres(ISiloBuilder, string, Action{PostgresOptions}?)" path="/summary|/remarks|/returns"/>
    /// <param name="silo">The silo under construction.</param>
    /// <param name="dataSource">
    /// The data source to use as it is, pool and preparation included. It stays the caller's: it must outlive the silo, which does not dispose it.
    /// </param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    public static ISiloBuilder UsePostgres(this ISiloBuilder silo, NpgsqlDataSource dataSource, Action<PostgresOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(dataSource);
        return silo.UsePostgres(PostgresRegistration.Using(dataSource), configure);
    }

    private static ISiloBuilder UsePostgres(
        this ISiloBuilder silo, Func<IServiceProvider, PostgresDatabase> database, Action<PostgresOptions>? configure)
    {
        silo.Services.AddPostgres(database, configure);
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, SchemaGate>());
        silo.Services.TryAddSingleton<ConnectionBudget>();
        silo.Services.AddInstruments<BatchInstruments>();
        silo.Services.TryAddSingleton<PostgresCatalog>();
        silo.Services.Replace(ServiceDescriptor.Singleton<ICatalog>(services => services.GetRequiredService<PostgresCatalog>()));
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, PostgresCatalogDrain>());
        silo.Services.TryAddSingleton<PostgresClusterClock>();
        silo.Services.Replace(ServiceDescriptor.Singleton<IClusterClock>(services => services.GetRequiredService<PostgresClusterClock>()));
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, ClusterClockService>());
        silo.Services.Replace(ServiceDescriptor.Singleton<ITransactionalCompletions, PostgresTransactionalCompletions>());
        silo.Services.TryAddSingleton<ExpiredRows>();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, ExpirySweeper>());

        // Before all others, so that whatever the application says counts, wherever it says it.
        silo.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<ClusterMembershipOptions>, SmallCluster>());
        silo.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<SiloMessagingOptions>, SmallCluster>());
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, CutOffSiloWatch>());
        silo.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringSiloOptions> options) =>
            options.Configure<PostgresDatabase>((clustering, postgres) =>
            {
                clustering.Invariant = PostgresRegistration.Invariant;
                clustering.DataSource = postgres.DataSource;
            }));
        silo.Services.AddPatternStorage(StorageNames.OrleansPatterns);
        return silo;
    }
}
