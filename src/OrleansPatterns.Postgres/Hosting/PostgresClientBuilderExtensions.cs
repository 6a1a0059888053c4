using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Membership;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Clustering;
using OrleansPatterns.Postgres.Hosting;
using OrleansPatterns.Postgres.Schema;

namespace Orleans.Hosting;

/// <summary>Lets a client find its cluster in PostgreSQL.</summary>
public static class PostgresClientBuilderExtensions
{
    /// <summary>Finds the cluster's gateways in the PostgreSQL database that its silos use.</summary>
    /// <remarks>
    /// <para>When the client starts, it waits for the database, for its schema, which it never changes, and for a silo, each for at most
    /// <see cref="PostgresOptions.StartupTimeout"/>: silos and clients may be started together, in any order. Starting fails with <see cref="PostgresUnavailableException"/> or <see cref="SchemaVersionException"/>.</para>
    /// <para>The connection string decides; where it says nothing, <c>Maximum Pool Size</c> is <see cref="PostgresOptions.MaxPoolSize"/>,
    /// <c>Max Auto Prepare</c> is 100 (set it to 0 behind a pooler in transaction mode) and <c>Application Name</c> is
    /// <c>OrleansPatterns</c>. Cluster id and service id must be those of the silos, see <c>ClusterOptions</c>.</para>
    /// <para>The list of silos is read each 5 seconds, so that a client whose silos were all replaced finds the new ones soon; <c>GatewayOptions</c> says
    /// otherwise.</para>
    /// <para>The order of this and <c>AddOrleansPatterns</c> does not matter. Called twice, the last database counts.</para>
    /// </remarks>
    /// <param name="client">The client under construction.</param>
    /// <param name="connectionString">An Npgsql connection string, such as <c>Host=localhost;Database=shop;Username=shop;Password=...</c>.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is empty or is none.</exception>
    public static IClientBuilder UsePostgres(this IClientBuilder client, string connectionString, Action<PostgresOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        PostgresDatabase.ThrowIfInvalid(connectionString, nameof(connectionString));
        return client.UsePostgres(PostgresRegistration.Connecting(connectionString), configure);
    }

    /// <inheritdoc cref="UsePostgres(IClientBuilder, string, Action{PostgresOptions}?)" path="/summary|/remarks|/returns"/>
    /// <param name="client">The client under construction.</param>
    /// <param name="dataSource">
    /// The data source to use as it is, pool and preparation included. It stays the caller's: it must outlive the client, which does not dispose it.
    /// </param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    public static IClientBuilder UsePostgres(this IClientBuilder client, NpgsqlDataSource dataSource, Action<PostgresOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(dataSource);
        return client.UsePostgres(PostgresRegistration.Using(dataSource), configure);
    }

    private static IClientBuilder UsePostgres(
        this IClientBuilder client, Func<IServiceProvider, PostgresDatabase> database, Action<PostgresOptions>? configure)
    {
        client.Services.AddPostgres(database, configure);
        // Before all others, so that whatever the application says counts, wherever it says it.
        client.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GatewayOptions>, SmallCluster>());
        client.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringClientOptions> options) =>
            options.Configure<PostgresDatabase>((clustering, postgres) =>
            {
                clustering.Invariant = PostgresRegistration.Invariant;
                clustering.DataSource = postgres.DataSource;
            }));

        client.Services.TryAddSingleton<AdoNetGatewayListProvider>();
        client.Services.RemoveAll<IGatewayListProvider>();
        client.Services.AddSingleton<IGatewayListProvider, PostgresGatewayListProvider>();
        return client;
    }
}
