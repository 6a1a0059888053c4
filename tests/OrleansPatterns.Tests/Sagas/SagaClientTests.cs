using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaClientTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    [Fact]
    public async Task Start_AllStepsSucceed_Completes()
    {
        List<string> trail = [];
        Script.On("ship", context => trail = [context.Data.Order, .. context.Data.Trail]);

        var started = await StartAsync<OrderSaga>();
        var status = await EndAsync();

        Assert.Equal(("order", 2, Id), (started.Definition, started.Version, started.SagaId));
        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(status));
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], Script.Calls);
        Assert.Equal(["o-1", "reserve", "charge", "ship"], trail);
        Assert.Equal(4, status.Revision);
        var row = await RowAsync();
        Assert.Equal("Completed", row?.Status);
        Assert.NotNull(row?.WakeIn);
    }

    [Fact]
    public async Task Step_Hangs_BlocksNobody()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        var waiting = Sagas.WaitForCompletionAsync(Id, Token);
        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(await StatusAsync()));
        Assert.Equal(SagaPhase.Running, (await StartAsync<OrderSaga>()).Phase);
        Assert.False(waiting.IsCompleted);

        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await waiting.Soon()).Phase);
    }

    [Fact]
    public async Task Wait_LongerThanItsSlices_GoesOn()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        var slice = Time.ArmedAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        var waiting = Sagas.WaitForCompletionAsync(Id, Token);
        await slice;
        var next = Time.ArmedAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        Time.Advance(TimeSpan.FromSeconds(5));
        await next;
        Assert.False(waiting.IsCompleted);

        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await waiting.Soon()).Phase);
    }

    [Fact]
    public async Task Wait_Cancelled_EndsTheWaitingNotTheSaga()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var waiting = Sagas.WaitForCompletionAsync(Id, impatience.Token);
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Start_Again_IsTheSameSagaOrAConflict()
    {
        await StartAsync<OrderSaga>();
        var ended = await EndAsync();

        Assert.Equal(ended.Revision, (await StartAsync<OrderSaga>()).Revision);
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], Script.Calls);
        var otherData = await Assert.ThrowsAsync<SagaConflictException>(
            () => Sagas.StartAsync<OrderSaga, OrderData>(Id, new OrderData { Order = "o-2" }, Token));
        Assert.Equal((Id, "order"), (otherData.SagaId, otherData.Definition));
        await Assert.ThrowsAsync<SagaConflictException>(() => Sagas.StartAsync<Unregistered, OrderData>(Id, Data, Token));
    }

    [Fact]
    public async Task Start_UnknownDefinition_IsRefusedAndNothingIsWritten()
    {
        var exception = await Assert.ThrowsAsync<UnknownSagaException>(
            () => Sagas.StartAsync<Unregistered, OrderData>(Id, Data, Token));

        Assert.Equal("Unregistered", exception.Definition);
        Assert.Null(await Fixture.Catalog.FindAsync("saga", Id, Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Sagas.GetStatusAsync(Id, Token));
    }

    [Fact]
    public async Task UnknownId_IsNotFound()
    {
        Assert.Equal(Id, (await Assert.ThrowsAsync<SagaNotFoundException>(() => Sagas.GetStatusAsync(Id, Token))).SagaId);
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Sagas.WaitForCompletionAsync(Id, Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Sagas.CancelAsync(Id, Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => Operations.RetryAsync(Id, "ops", "mended", Token));
    }

    [Fact]
    public async Task BadInput_IsRefusedBeforeAnythingIsSent()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("data", () => Sagas.StartAsync<OrderSaga, OrderData>(Id, null!, Token));
        await Assert.ThrowsAsync<ArgumentException>("sagaId", () => Sagas.StartAsync<OrderSaga, OrderData>("", Data, Token));
        await Assert.ThrowsAsync<ArgumentException>("sagaId", () => Sagas.GetStatusAsync("a\nb", Token));
        var tooLarge = await Assert.ThrowsAsync<SagaDataTooLargeException>(
            () => Sagas.StartAsync<OrderSaga, OrderData>(Id, new OrderData { Order = new string('o', 262_144) }, Token));
        Assert.Equal((Id, 262_144), (tooLarge.SagaId, tooLarge.MaxDataBytes));
        Assert.Null(await Fixture.Catalog.FindAsync("saga", Id, Token));
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreKeptApart()
    {
        string[] endings = ["2a", "02a", "2A", "123", "0123", "a+b", "{6f9619ff-8b86-d011-b42d-00cf4fc964ff}"];
        foreach (var id in endings)
        {
            _ = new SagaScript(id);
            await Sagas.StartAsync<OrderSaga, OrderData>(id, new OrderData { Order = id }, Token).Soon();
            await Sagas.WaitForCompletionAsync(id, Token).Soon();
        }

        foreach (var id in endings)
        {
            await Fixture.Cluster.DeactivateAsync(Fixture.Cluster.Client.GetSagaGrain(id)).Soon();
            var again = await Sagas.StartAsync<OrderSaga, OrderData>(id, new OrderData { Order = id }, Token).Soon();
            Assert.Equal((id, SagaPhase.Completed), (again.SagaId, again.Phase));
        }
    }

    private sealed class Unregistered : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
        }
    }
}
