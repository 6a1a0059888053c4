using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansPatterns.Benchmarks.Harness;
using OrleansPatterns.Catalog;
using OrleansPatterns.Postgres;

namespace OrleansPatterns.Benchmarks.Storage;

/// <summary>The grain storages, called as a silo calls them, and the bare statement as the floor.</summary>
internal sealed class StorageArea : IBenchmarkArea
{
    private const string GroupCommit = "group commit";
    private const string GroupCommitJson = "group commit, JSON";
    private const string AdoNet = "AdoNet provider";

    private static readonly int[] Writers = [1, 16, 256];

    public string Name => "storage";

    public async Task<IReadOnlyList<BenchmarkCase>> PrepareAsync(BenchmarkEnvironment environment)
    {
        var connectionString = await environment.DatabaseAsync();
        var silo = await BenchmarkSilo.StartAsync(connectionString, AddStorages);
        environment.Own(new StoppedHost(silo));
        var bare = environment.Own(new BareBatches(connectionString));
        IGrainStorage Storage(string name) => silo.Services.GetRequiredKeyedService<IGrainStorage>(name);

        List<BenchmarkCase> cases = [];
        foreach (var writers in Writers)
        {
            Contender[] floor = writers == 1 ? [new("bare statement, one row", bare.FreshAsync(1, 1))] : writers < 256 ? [] : [new("bare statement, 256 rows", bare.FreshAsync(2, 256))];
            cases.Add(new BenchmarkCase(
                $"fresh keys, {writers} writers", "writes/s", HigherIsBetter: true,
                [Fresh(GroupCommit, Storage(GroupCommit), writers), Fresh(AdoNet, Storage(AdoNet), writers), .. floor]));
            floor = writers == 1 ? [new("bare statement, one row", bare.ExistingAsync(1, 1))] : writers < 256 ? [] : [new("bare statement, 256 rows", bare.ExistingAsync(2, 256))];
            cases.Add(new BenchmarkCase(
                $"existing keys, {writers} writers", "writes/s", HigherIsBetter: true,
                [Existing(GroupCommit, Storage(GroupCommit), writers), Existing(AdoNet, Storage(AdoNet), writers), .. floor]));
            cases.Add(new BenchmarkCase(
                $"reads, {writers} readers", "reads/s", HigherIsBetter: true,
                [Reads(GroupCommit, Storage(GroupCommit), writers), Reads(AdoNet, Storage(AdoNet), writers)]));
        }

        cases.Add(new BenchmarkCase(
            "form of the payload: existing keys, 256 writers", "writes/s", HigherIsBetter: true,
            [Existing("binary", Storage(GroupCommit), 256), Existing("System.Text.Json", Storage(GroupCommitJson), 256)]));
        return cases;
    }

    private static Contender Fresh(string system, IGrainStorage storage, int writers) => new(system, duration => Load.ThroughputAsync(
        writers, duration, (_, number) => storage.WriteStateAsync("fresh", GrainId.Create("benchmark", $"fresh/{number}"), State())));

    /// <summary>Each writer has its own row, and goes on with the version that its last write got.</summary>
    private static Contender Existing(string system, IGrainStorage storage, int writers)
    {
        var states = new ConcurrentDictionary<int, (GrainId Key, GrainState<CatalogEntry> State)>();
        return new Contender(system, duration => Load.ThroughputAsync(writers, duration, (writer, number) =>
        {
            var (key, state) = states.GetOrAdd(writer, _ => (GrainId.Create("benchmark", $"existing/{number}"), State()));
            return storage.WriteStateAsync("existing", key, state);
        }));
    }

    private static Contender Reads(string system, IGrainStorage storage, int readers)
    {
        var keys = new ConcurrentDictionary<int, GrainId>();
        return new Contender(system, duration => Load.ThroughputAsync(readers, duration, async (reader, number) =>
        {
            if (!keys.TryGetValue(reader, out var key))
            {
                key = GrainId.Create("benchmark", $"read/{number}");
                await storage.WriteStateAsync("read", key, State());
                keys[reader] = key;
            }

            await storage.ReadStateAsync("read", key, new GrainState<CatalogEntry>());
        }));
    }

    /// <summary>About 200 bytes, as the states of our patterns have.</summary>
    private static GrainState<CatalogEntry> State() => new(
        new CatalogEntry { Pattern = "saga", Key = "order-4711", Status = "Running", Version = 42, SummaryJson = new string('x', 150) });

    private static void AddStorages(ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer>(
            GroupCommit, (services, _) => new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()));
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer>(
            GroupCommitJson, (services, _) => ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(services));
        silo.AddGroupCommitGrainStorage(GroupCommit);
        silo.AddGroupCommitGrainStorage(GroupCommitJson);
        silo.AddAdoNetGrainStorage(AdoNet, (OptionsBuilder<AdoNetGrainStorageOptions> options) =>
            options.Configure<PostgresDatabase, Serializer>((storage, postgres, serializer) =>
            {
                storage.Invariant = "Npgsql";
                storage.DataSource = postgres.DataSource;
                storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
            }));
    }
}
