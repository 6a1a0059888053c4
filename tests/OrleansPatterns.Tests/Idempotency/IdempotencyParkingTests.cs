using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyParkingTests(FakeTimeCluster fixture) : IClassFixture<FakeTimeCluster>
{
    private static readonly IdempotencyOptions Parking = new() { OnAbandoned = OnAbandoned.Park };
    private readonly string _key = NewKey();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    private IIdempotencyOperations Operations => fixture.Service<IIdempotencyOperations>();

    private ICatalog Catalog => fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress).GetRequiredService<ICatalog>();

    [Fact]
    public async Task Parked_IsInTheCatalogUntilItIsFreedAndRunsAgain()
    {
        var token = await ParkAsync();
        Assert.Equal("Parked", (await RowAsync())?.Status);
        Assert.Equal(IdempotencyPhase.Parked, (await Operations.GetStatusAsync(_key, Cancel)).Phase);

        Assert.False(await Operations.FreeAsync(_key, token - 1, Cancel));
        Assert.True(await Operations.FreeAsync(_key, token, Cancel));
        Assert.Null(await RowAsync());
        Assert.True(await Operations.FreeAsync(_key, token, Cancel));
        Assert.Equal(2, await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(2), Parking, Cancel));
        Assert.False(await Operations.FreeAsync(_key, token, Cancel));
    }

    [Fact]
    public async Task Parked_ThatTookEffect_IsGivenItsResult()
    {
        var token = await ParkAsync();

        Assert.False(await Operations.CompleteAsync(_key, token + 1, 7, Cancel));
        Assert.True(await Operations.CompleteAsync(_key, token, 7, Cancel));
        Assert.True(await Operations.CompleteAsync(_key, token, 7, Cancel));
        Assert.False(await Operations.CompleteAsync(_key, token, 8, Cancel));
        Assert.Null(await RowAsync());
        Assert.Equal(7, await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(2), Parking, Cancel));
    }

    [Fact]
    public async Task Complete_WhileTheExecutorIsAtWork_ChangesNothing()
    {
        var begun = await fixture.Cluster.Client.GetIdempotencyGrain(_key).BeginAsync(Request());

        Assert.False(await Operations.CompleteAsync(_key, begun.ExecutionToken, 7, Cancel));
        Assert.False(await Operations.FreeAsync(_key, begun.ExecutionToken, Cancel));
        Assert.Equal(IdempotencyPhase.InProgress, (await Operations.GetStatusAsync(_key, Cancel)).Phase);
    }

    [Fact]
    public async Task LostExecutor_ThatReportsLate_UnparksTheKey()
    {
        var token = await ParkAsync();

        Assert.Equal(ExecutionClaim.Current, await fixture.Cluster.Client.GetIdempotencyGrain(_key).CompleteAsync(Completion(token)));
        Assert.Null(await RowAsync());
        Assert.Equal(42, await Store.ExecuteAsync(_key, "f", _ => Task.FromResult(2), Parking, Cancel));
    }

    [Fact]
    public async Task Wake_MakesTheRowWhatTheRecordSays()
    {
        var token = await ParkAsync();
        var wakeable = fixture.Cluster.Client.GetIdempotencyGrain(_key).AsReference<IWakeable>();
        await Catalog.RemoveAsync("idempotency", RowKey, token, Cancel);
        await wakeable.WakeAsync();
        Assert.Null((await RowAsync())!.WakeIn);

        await Operations.FreeAsync(_key, token, Cancel);
        await Catalog.UpsertAsync(new CatalogEntry { Pattern = "idempotency", Key = RowKey, Status = "Parked", Version = token }, Cancel);
        await wakeable.WakeAsync();
        Assert.Null(await RowAsync());
    }

    private string RowKey => ((IdempotencyKey)_key).ToString();

    private Task<CatalogEntry?> RowAsync() => Catalog.FindAsync("idempotency", RowKey, Cancel);

    private async Task<long> ParkAsync()
    {
        var lost = await fixture.Cluster.Client.GetIdempotencyGrain(_key).BeginAsync(Request(onAbandoned: OnAbandoned.Park));
        fixture.Time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<IdempotencyParkedException>(() => Store.ExecuteAsync(_key, "f", _ => Task.FromResult(1), Parking, Cancel));
        return lost.ExecutionToken;
    }
}
