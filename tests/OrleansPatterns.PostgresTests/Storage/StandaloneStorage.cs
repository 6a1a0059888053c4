using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.PostgresTests.Postgres;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>A group-commit storage without a silo, so that a test can choose its bounds, its clock and the way to its database.</summary>
internal sealed class StandaloneStorage : IDisposable
{
    private const string StateName = "test";

    private readonly ServiceProvider _services;

    internal StandaloneStorage(NpgsqlDataSource dataSource, Action<GroupCommitGrainStorageOptions>? configure = null, TimeProvider? time = null)
    {
        _services = new ServiceCollection().AddSerializer().AddPatternMeter().BuildServiceProvider();
        var options = new GroupCommitGrainStorageOptions
        {
            GrainStorageSerializer = new OrleansGrainStorageSerializer(_services.GetRequiredService<Serializer>()),
        };
        configure?.Invoke(options);
        Provider = new GroupCommitGrainStorage(
            "test",
            "tests",
            options,
            dataSource,
            _services.GetRequiredService<IActivatorProvider>(),
            new BatchInstruments(_services.GetRequiredService<PatternMeter>()),
            time ?? RealTime.Provider,
            NullLogger<GroupCommitGrainStorage>.Instance);
    }

    internal GroupCommitGrainStorage Provider { get; }

    internal IServiceProvider Services => _services;

    internal async Task<GrainState<CatalogEntry>> ReadAsync(string key)
    {
        var state = new GrainState<CatalogEntry>();
        await Provider.ReadStateAsync(StateName, Grain(key), state, CancellationToken.None);
        return state;
    }

    /// <summary>Writes a new state, or the one that has the ETag. Nobody gives up on it.</summary>
    internal Task<GrainState<CatalogEntry>> WriteAsync(string key, long number, string? eTag = null) =>
        WriteUnlessCancelledAsync(key, number, eTag, CancellationToken.None);

    internal async Task<GrainState<CatalogEntry>> WriteUnlessCancelledAsync(
        string key, long number, string? eTag, CancellationToken cancellationToken)
    {
        var state = new GrainState<CatalogEntry>(
            new CatalogEntry { Pattern = "test", Key = key, Status = "written", Version = number }, eTag!);
        await Provider.WriteStateAsync(StateName, Grain(key), state, cancellationToken);
        return state;
    }

    internal Task ClearAsync(string key, GrainState<CatalogEntry> state) =>
        Provider.ClearStateAsync(StateName, Grain(key), state, CancellationToken.None);

    public void Dispose()
    {
        Provider.Dispose();
        _services.Dispose();
    }

    private static GrainId Grain(string key) => GrainId.Create("test", key);
}
