using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration.Overrides;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.Telemetry;

namespace Orleans.Hosting;

/// <summary>Adds grain storages that write many states of a silo as one statement.</summary>
public static class GroupCommitGrainStorageSiloBuilderExtensions
{
    /// <summary>
    /// Adds a grain storage in PostgreSQL over the same table, keys, versions and serializers as <c>AddAdoNetGrainStorage</c>: either can be
    /// put in the other's place at any time, also silo by silo.
    /// </summary>
    /// <remarks>
    /// <para>Writes, clears and reads that come while others are under way are sent together, in one round trip and one commit. A write that
    /// comes alone goes out at once. Each is decided by its own ETag: who loses gets <c>InconsistentStateException</c>, the others are stored.</para>
    /// <para>A batch that fails is repeated while that may help, and split when one row is at fault. A caller whose write did not succeed learns what is true:
    /// <c>StateNotWrittenException</c>, or <c>StateWriteUnknownException</c> when the answer was lost. No write takes effect twice.</para>
    /// <para>The database is that of <c>UsePostgres</c>, or <see cref="GroupCommitGrainStorageOptions.DataSource"/>; its schema is made by the
    /// former or by the scripts of the folder <c>sql</c>. When the silo stops, what is queued is written first.</para>
    /// </remarks>
    /// <param name="silo">The silo under construction.</param>
    /// <param name="name">The storage's name, as in <c>[PersistentState("state", "name")]</c>.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddGroupCommitGrainStorage(
        this ISiloBuilder silo, string name, Action<GroupCommitGrainStorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        silo.Services.AddGroupCommitOptions(name).Configure(options => configure?.Invoke(options));
        silo.Services.AddGrainStorage(name, CreateGroupCommitGrainStorage);
        return silo;
    }

    /// <inheritdoc cref="AddGroupCommitGrainStorage" path="/summary|/remarks|/returns"/>
    /// <param name="silo">The silo under construction.</param>
    /// <param name="configure">Sets options; <see langword="null"/> (default): the defaults.</param>
    public static ISiloBuilder AddGroupCommitGrainStorageAsDefault(
        this ISiloBuilder silo, Action<GroupCommitGrainStorageOptions>? configure = null) =>
        silo.AddGroupCommitGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configure);

    internal static OptionsBuilder<GroupCommitGrainStorageOptions> AddGroupCommitOptions(this IServiceCollection services, string name)
    {
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<GroupCommitGrainStorageOptions>, GroupCommitGrainStorageOptionsValidator>());
        services.TryAddTransient<IPostConfigureOptions<GroupCommitGrainStorageOptions>,
            DefaultStorageProviderSerializerOptionsConfigurator<GroupCommitGrainStorageOptions>>();
        services.TryAddSingleton<ConnectionBudget>();
        services.AddInstruments<BatchInstruments>();
        return services.AddOptions<GroupCommitGrainStorageOptions>(name).ValidateOnStart();
    }

    internal static GroupCommitGrainStorage CreateGroupCommitGrainStorage(IServiceProvider services, string name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<GroupCommitGrainStorageOptions>>().Get(name);
        var dataSource = options.DataSource
            ?? services.GetService<PostgresDatabase>()?.DataSource
            ?? throw new OrleansConfigurationException(
                $"Grain storage '{name}' has no database: call UsePostgres, or set GroupCommitGrainStorageOptions.DataSource.");
        services.GetRequiredService<ConnectionBudget>().Keep(dataSource, 2 * options.MaxConcurrentBatches, $"grain storage '{name}'");
        return ActivatorUtilities.CreateInstance<GroupCommitGrainStorage>(
            services, name, services.GetProviderClusterOptions(name).Value.ServiceId, options, dataSource);
    }
}
