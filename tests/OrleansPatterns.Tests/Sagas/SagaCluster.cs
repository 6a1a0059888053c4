using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Silos with the order sagas, on a clock that only the test moves.</summary>
public class SagaCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    public SagaTime Time { get; } = new();

    public TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster is not deployed yet.");

    public ISagaClient Sagas => Cluster.Client.ServiceProvider.GetRequiredService<ISagaClient>();

    public ISagaOperations Operations => Cluster.Client.ServiceProvider.GetRequiredService<ISagaOperations>();

    public ICatalog Catalog => SiloServices.GetRequiredService<ICatalog>();

    public IServiceProvider SiloServices => Cluster.GetSiloServiceProvider(Cluster.Silos[0].SiloAddress);

    protected virtual short SiloCount => 2;

    public async ValueTask InitializeAsync()
    {
        var builder = new TestClusterBuilder(SiloCount).AddOrleansPatterns(Time).AddSiloBuilderConfigurator<SagaSilo>();
        Configure(builder);
        _cluster = builder.Build();
        await _cluster.DeployAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Lets every unfinished saga be woken.</summary>
    public void AdvancePastRecovery() => Time.Advance(new SagaOptions().RecoveryInterval + TimeSpan.FromSeconds(1));

    /// <summary>Writes a record as another activation would.</summary>
    internal async Task ChangeRecordAsync(string sagaId, Func<SagaRecord, SagaRecord> change)
    {
        var storage = SiloServices.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);
        var grainId = SagaJournal.GrainIdOf(sagaId);
        var state = new GrainState<SagaRecord>(new SagaRecord());
        await storage.ReadStateAsync(PatternNames.Saga, grainId, state);
        state.State = change(state.State ?? new SagaRecord());
        await storage.WriteStateAsync(PatternNames.Saga, grainId, state);
    }

    protected virtual void Configure(TestClusterBuilder builder)
    {
    }

    private sealed class SagaSilo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.AddSaga<OrderSaga, OrderData>().AddSaga<OldOrderSaga, OrderData>().AddSaga<OrderSaga, OrderData>();
            var storage = siloBuilder.Services.Last(
                service => service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, StorageNames.OrleansPatterns));
            siloBuilder.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.OrleansPatterns, (services, key) => new ObservedStorage(
                (IGrainStorage)storage.KeyedImplementationFactory!(services, key),
                ((SagaTime)services.GetRequiredService<TimeProvider>()).Journal));
        }
    }
}
