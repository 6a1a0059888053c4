using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Sagas that cannot go on must do no harm.</summary>
public sealed class SagaPoisonTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    [Fact]
    public async Task Data_ThatCannotBeRead_ParksAtOnceAndOthersGoOn()
    {
        var other = new SagaScript($"saga-{Guid.NewGuid():N}");
        await PoisonAsync(new SagaTally { Begun = 1, IsOpen = true }, """{"Trail":7}""");

        await Wakeable.WakeAsync().Soon();
        await StartAsync<OrderSaga>(other.SagaId);

        var status = await EndAsync();
        Assert.Equal("Parked charge=Running", Show(status));
        Assert.StartsWith("Step 'charge' cannot read the data: ", status.StuckReason, StringComparison.Ordinal);
        Assert.Equal(2, status.Steps[0].Attempts);
        Assert.Empty(Script.Calls);
        Assert.Null((await RowAsync())?.WakeIn);
        Assert.Equal(SagaPhase.Completed, (await EndAsync(other.SagaId)).Phase);
    }

    [Fact]
    public async Task Data_Mended_GoesOnByAnOperator()
    {
        await PoisonAsync(new SagaTally { Begun = 1, IsOpen = true }, """{"Trail":7}""");
        await Wakeable.WakeAsync().Soon();
        await EndAsync();
        await SettledAsync();
        await CrashAsync();

        await Fixture.ChangeRecordAsync(Id, record => record with { DataJson = "{}" });
        await Operations.RetryAsync(Id, "ann", "mended the data", Token).Soon();

        Assert.Equal("Completed charge=Succeeded", Show(await EndAsync()));
    }

    [Fact]
    public async Task Step_CutOffForTheFifthTime_Parks()
    {
        await PoisonAsync(new SagaTally { Begun = 5, Lost = 4, IsOpen = true });

        await Wakeable.WakeAsync().Soon();

        var status = await EndAsync();
        Assert.Equal("Parked charge=Running", Show(status));
        Assert.Equal("Step 'charge' was cut off 5 times by the end of its silo, and may be the cause.", status.StuckReason);
        Assert.Empty(Script.Calls);
        Assert.Null((await RowAsync())?.WakeIn);

        await Operations.RetryAsync(Id, "ann", "more memory", Token).Soon();
        Assert.Equal("Completed charge=Succeeded", Show(await EndAsync()));
        Assert.Equal(["charge#6"], Script.Calls);
    }

    [Fact]
    public async Task Parked_Cancelled_IsUndone()
    {
        await PoisonAsync(new SagaTally { Begun = 5, Lost = 4, IsOpen = true });
        await Wakeable.WakeAsync().Soon();
        Assert.True((await EndAsync()).NeedsOperator);

        await Sagas.CancelAsync(Id, Token).Soon();

        var status = await EndAsync();
        Assert.Equal("Compensated charge=Unknown", Show(status));
        Assert.Equal(("It was cancelled.", null), (status.CompensationReason, status.StuckReason));
        Assert.Empty(Script.Calls);
    }

    [Fact]
    public async Task Step_CutOffForTheFourthTime_IsTriedAgain()
    {
        await PoisonAsync(new SagaTally { Begun = 4, Lost = 3, IsOpen = true });

        await Wakeable.WakeAsync().Soon();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(["charge#5"], Script.Calls);
    }

    /// <summary>The end of a silo that stops in order is not the step's doing.</summary>
    [Fact]
    public async Task Step_CutOffInOrder_DoesNotCount()
    {
        await PoisonAsync(new SagaTally { Begun = 5, Lost = 4, IsOpen = true });

        await Attempts.CompleteAttemptAsync(new()
        {
            Step = 0, Direction = SagaDirection.Action, Attempt = 5, Outcome = SagaAttemptOutcome.Interrupted,
        }).Soon();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(["charge#6"], Script.Calls);
    }

    [Fact]
    public async Task Start_WithDataOfAnotherType_IsRefusedAndNothingIsWritten()
    {
        var exception = await Assert.ThrowsAsync<SagaDataInvalidException>(
            () => Sagas.StartAsync<ClientsOrder, ClientsData>(Id, new ClientsData("all of it"), Token).Soon());

        Assert.Equal((Id, "order"), (exception.SagaId, exception.Definition));
        Assert.Contains("It is not a OrderData", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SagaNotFoundException>(() => StatusAsync());
        Assert.Null(await RowAsync());
    }

    private Task PoisonAsync(SagaTally action, string data = "{}") => Fixture.ChangeRecordAsync(Id, _ => new SagaRecord
    {
        Definition = "order",
        Version = 1,
        DataJson = data,
        Phase = SagaPhase.Running,
        Steps = [new SagaStepRecord { Name = "charge", State = SagaStepState.Running, Action = action }],
        Revision = 3,
    });

    private sealed record ClientsData(string Trail);

    [SagaName("order")]
    private sealed class ClientsOrder : Saga<ClientsData>
    {
        protected override void Define(ISagaBuilder<ClientsData> saga)
        {
        }
    }
}
