using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Catalog;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests.Testing;

/// <summary>What was acknowledged outlives the silos.</summary>
public sealed class KilledSiloTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AllSilosKilled_NothingAcknowledgedIsLost()
    {
        var ledger = new TripLedger();
        await using var patterns = await TripCluster.StartAsync(ledger);
        var token = (await patterns.Locks.AcquireLockAsync("sku", cancellationToken: Token)).FencingToken;
        await patterns.Idempotency.ExecuteAsync("payment", "f", _ => Task.FromResult(42), cancellationToken: Token);
        await using var registration = await patterns.Registry.RegisterAsync("orders", new Uri("http://orders"), Token);
        await patterns.IsolateBreakerAsync("payments", Token);
        using (patterns.FailStep<TripSaga>("hotel", new TimeoutException("no answer")))
        {
            await patterns.Sagas.StartAsync<TripSaga, Trip>("trip", new Trip(), Token);
            await patterns.AdvanceAsync(TimeSpan.FromMilliseconds(300), Token);
            await patterns.KillSiloAsync();
            await patterns.KillSiloAsync();
        }

        Assert.Empty(patterns.TestCluster.Silos);
        await patterns.StartSiloAsync();

        Assert.Equal(SagaPhase.Completed, (await patterns.AdvanceUntilAsync(patterns.Sagas.WaitForCompletionAsync("trip", Token), cancellationToken: Token)).Phase);
        Assert.Equal(["flight", "hotel", "ticket"], ledger.Of("trip").Select(entry => entry.Split('#')[0]));
        Assert.Equal(42, await patterns.Idempotency.ExecuteAsync("payment", "f", _ => Task.FromResult(43), cancellationToken: Token));
        await using var next = await patterns.AdvanceUntilAsync(patterns.Locks.AcquireLockAsync("sku", cancellationToken: Token).AsTask(), cancellationToken: Token);
        Assert.True(next.FencingToken > token);
        Assert.Single((await patterns.TestCluster.Client.GetServiceGrain("orders").GetSnapshotAsync()).Instances);
        Assert.Equal(
            BreakerState.Isolated,
            (await patterns.Service<ICircuitBreakerOperations>().GetStatusAsync("payments", Token)).Snapshot.State);
    }

    [Theory]
    [InlineData(SagaFaultPoint.BeforeStep, "flight#1", "hotel#2", "ticket#1")]
    [InlineData(SagaFaultPoint.AfterStep, "flight#1", "hotel#1", "hotel#2", "ticket#1")]
    public async Task CrashStep_TheSagaGoesOnInAnotherSilo(SagaFaultPoint point, params string[] expected)
    {
        var ledger = new TripLedger();
        await using var patterns = await TripCluster.StartAsync(ledger);
        using var crash = patterns.CrashStep<TripSaga>("hotel", point);

        var status = await TripCluster.RunAsync(patterns, "trip");

        Assert.Equal((SagaPhase.Completed, 1), (status.Phase, crash.Count));
        Assert.Equal(expected, ledger.Of("trip"));
        Assert.Single(patterns.TestCluster.Silos);
    }

    /// <summary>Its code runs on in the test's process, but to no effect.</summary>
    [Fact]
    public async Task KilledSilo_CanWriteNothingAnyMore()
    {
        await using var patterns = await TripCluster.StartAsync(new TripLedger());
        var silo = patterns.TestCluster.Silos[^1];
        var services = patterns.TestCluster.GetSiloServiceProvider(silo.SiloAddress);
        var (catalog, storage) = (services.GetRequiredService<ICatalog>(), StorageOf(services));
        var (grain, stored) = (GrainId.Create("test", "trip"), new GrainState<string>("before"));
        await catalog.FindAsync("saga", "trip", Token);
        await storage.WriteStateAsync("test", grain, stored);

        await patterns.KillSiloAsync(silo);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => catalog.FindAsync("saga", "trip", Token));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => storage.WriteStateAsync("test", grain, new GrainState<string>("after", stored.ETag)));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => storage.ClearStateAsync("test", grain, new GrainState<string>("after", stored.ETag)));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => storage.ReadStateAsync("test", grain, new GrainState<string>()));
        var found = new GrainState<string>();
        await StorageOf(patterns.TestCluster.GetSiloServiceProvider()).ReadStateAsync("test", grain, found);
        Assert.Equal("before", found.State);
    }

    private static IGrainStorage StorageOf(IServiceProvider silo) => silo.GetRequiredKeyedService<IGrainStorage>(StorageNames.OrleansPatterns);
}
