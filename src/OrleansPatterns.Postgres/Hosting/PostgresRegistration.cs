using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansPatterns.Postgres.Schema;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Postgres.Hosting;

internal static class PostgresRegistration
{
    /// <summary>The provider name of Npgsql in Orleans' ADO.NET providers.</summary>
    internal const string Invariant = "Npgsql";

    /// <summary>What silo and client have in common. Called again, the last database counts.</summary>
    internal static IServiceCollection AddPostgres(
        this IServiceCollection services, Func<IServiceProvider, PostgresDatabase> database, Action<PostgresOptions>? configure)
    {
        services.AddOptions<PostgresOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresOptions>, PostgresOptionsValidator>());

        // From a factory and not as an instance: the service provider disposes only what it has made.
        services.Replace(ServiceDescriptor.Singleton(database));
        services.TryAddSingleton<PostgresConnector>();
        services.TryAddSingleton<SchemaMigrator>();
        services.TryAddSingleton<SchemaGate>();
        services.TryAddSingleton<IDatabaseProbe, SchemaProbe>();
        return services;
    }

    internal static Func<IServiceProvider, PostgresDatabase> Connecting(string connectionString) =>
        services => PostgresDatabase.Create(connectionString, services.GetRequiredService<IOptions<PostgresOptions>>().Value);

    internal static Func<IServiceProvider, PostgresDatabase> Using(Npgsql.NpgsqlDataSource dataSource) => _ => PostgresDatabase.Use(dataSource);
}
