using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansPatterns.Postgres.Storage;

namespace OrleansPatterns.Postgres.Hosting;

/// <summary>The grain storage of the patterns: whichever provider and form the options say when the silo starts.</summary>
internal static class PatternStorageRegistration
{
    internal static void AddPatternStorage(this IServiceCollection services, string name)
    {
        if (services.Any(service => service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, name)))
        {
            return;
        }

        services.AddOptions<AdoNetGrainStorageOptions>(name).Configure<PostgresDatabase, IServiceProvider>((storage, postgres, provider) =>
        {
            storage.Invariant = PostgresRegistration.Invariant;
            storage.DataSource = postgres.DataSource;
            storage.GrainStorageSerializer = SerializerOf(provider);
            storage.DeleteStateOnClear = true;
        });
        services.AddGroupCommitOptions(name).Configure<IServiceProvider>((storage, provider) =>
        {
            storage.GrainStorageSerializer = SerializerOf(provider);
            storage.DeleteStateOnClear = true;
        });
        services.AddGrainStorage<IGrainStorage>(name, static (provider, storageName) => Options(provider).GrainStorage == GrainStateStorage.AdoNet
            ? AdoNetGrainStorageFactory.Create(provider, storageName)
            : GroupCommitGrainStorageSiloBuilderExtensions.CreateGroupCommitGrainStorage(provider, storageName));
        services.AddSingleton(provider => (ILifecycleParticipant<ISiloLifecycle>)provider.GetRequiredKeyedService<IGrainStorage>(name));
    }

    /// <summary>Neither form writes the names of CLR types into the rows, unlike Orleans' default: renaming a type is no migration.</summary>
    private static GrainStorageSerializer SerializerOf(IServiceProvider provider)
    {
        var binary = new OrleansGrainStorageSerializer(provider.GetRequiredService<Serializer>());
        var json = ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(provider);
        return Options(provider).StateFormat == StateFormat.Json ? new GrainStorageSerializer(json, binary) : new GrainStorageSerializer(binary, json);
    }

    private static PostgresOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<PostgresOptions>>().Value;
}
