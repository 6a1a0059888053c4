using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Testing;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>The storage of test clusters keeps the rules that PostgreSQL keeps.</summary>
public sealed class SharedGrainStorageTests(StorageSilo silo, SharedGrainStorageTests.Cluster cluster)
    : GrainStorageSuite(silo, ""), IClassFixture<StorageSilo>, IClassFixture<SharedGrainStorageTests.Cluster>
{
    protected override IGrainStorage Storage => cluster.Storage;

    /// <summary>What a grain goes on changing must not change what it has stored.</summary>
    [Fact]
    public async Task Write_StoresACopy()
    {
        var state = new GrainState<List<string>>(["one"]);
        await Storage.WriteStateAsync(StateName, Key, state, Token);
        state.State!.Add("two");
        var read = new GrainState<List<string>>([]);
        await Storage.ReadStateAsync(StateName, Key, read, Token);
        Assert.Equal(["one"], read.State!);
    }

    public sealed class Cluster : IAsyncLifetime
    {
        private PatternsTestCluster? _patterns;

        internal IGrainStorage Storage =>
            _patterns!.TestCluster.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);

        public async ValueTask InitializeAsync() => _patterns = await PatternsTestCluster.StartAsync();

        public ValueTask DisposeAsync() => _patterns?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
