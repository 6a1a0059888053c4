using Orleans.TestingHost;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaRecoveryTests(SagaCluster<SagaRecoveryTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaRecoveryTests.Silo>>
{
    [Fact]
    public async Task Activation_LostDuringAStep_IsResumedByTheWakeUp()
    {
        var (begun, cancelled) = Script.HangUntilCancelled("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        // As if another activation had begun the second attempt, and died: nobody reports of it.
        await Fixture.ChangeRecordAsync(Id, record => record with
        {
            Revision = record.Revision + 1,
            Steps = record.Steps.SetItem(1, record.Steps[1] with { Action = record.Steps[1].Action with { Begun = 2 } }),
        });
        await CrashAsync();
        await cancelled.Soon();
        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(await StatusAsync()));
        Fixture.AdvancePastRecovery();

        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge#3", "ship#1"], Script.Calls);
    }

    [Fact]
    public async Task Activation_EndedDuringAStep_HasTheNextAttemptBegunByItsReport()
    {
        var (begun, cancelled) = Script.HangUntilCancelled("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        await CrashAsync();
        await cancelled.Soon();

        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge#2", "ship#1"], Script.Calls);
    }

    [Fact]
    public async Task Activation_LostDuringTheBackOff_IsResumedByTheWakeUp()
    {
        Script.On("charge", context =>
        {
            if (context.Attempt == 1)
            {
                throw new InvalidOperationException("no answer");
            }
        });
        await StartAsync<OrderSaga>();
        await BackingOffAsync();

        await CrashAsync();
        Fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Wake_OfASagaThatRuns_BeginsNothing()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        await Wakeable.WakeAsync().Soon();
        await Wakeable.WakeAsync().Soon();

        Assert.Equal(["reserve#1", "charge#1"], Script.Calls);
        var row = await RowAsync();
        Assert.Equal("Running", row?.Status);
        Assert.NotNull(row?.WakeIn);
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Wake_OfAnEndedSaga_RepairsItsRow()
    {
        await StartAsync<OrderSaga>();
        var status = await EndAsync();
        await Fixture.Catalog.RemoveAsync("saga", Id, long.MaxValue, Token);

        await Wakeable.WakeAsync().Soon();

        var row = await RowAsync();
        Assert.Equal("Completed", row?.Status);
        Assert.NotNull(row?.WakeIn);
        Assert.Equal(status.Revision, (await Fixture.Catalog.FindAsync("saga", Id, Token))?.Version);
    }

    [Fact]
    public async Task Wake_OfAStartThatGotNoFurtherThanItsRow_RemovesIt()
    {
        await Fixture.Catalog.UpsertAsync(new CatalogEntry { Pattern = "saga", Key = Id, Status = "Running", Version = 0 }, Token);

        await Wakeable.WakeAsync().Soon();

        Assert.Null(await Fixture.Catalog.FindAsync("saga", Id, Token));
        await Fixture.ChangeRecordAsync(Id, record =>
        {
            // It took the ETag away from a start that may still be under way elsewhere.
            Assert.Equal(1, record.Revision);
            return record;
        });
        await CrashAsync();
        await StartAsync<OrderSaga>();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    /// <summary>Without a row nobody would wake it.</summary>
    [Fact]
    public async Task Start_JustAfterTheRowOfAnEarlierOneWasRemoved_HasARowOfItsOwn()
    {
        await Wakeable.WakeAsync().Soon();
        var (begun, cancelled) = Script.HangUntilCancelled("reserve");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        Assert.NotNull((await RowAsync())?.WakeIn);
        await CrashAsync();
        await cancelled.Soon();
        Fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task ReportOfAnEarlierAttempt_IsIgnored()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        await Attempts.CompleteAttemptAsync(
            new SagaAttemptReport { Step = 0, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Failed }).Soon();

        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(await StatusAsync()));
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    /// <summary>A long back-off needs no activation: the catalog delivers it.</summary>
    [Fact]
    public async Task BackOff_LongerThanTheRecoveryInterval_IsDeliveredByTheWakeUp()
    {
        Script.On("work", context =>
        {
            if (context.Attempt == 1)
            {
                throw new InvalidOperationException("no answer");
            }
        });
        await StartAsync<PatientSaga>();
        await WrittenAsync(record => record.Steps[0].DueAt is not null, "in its back-off");

        Assert.InRange((await RowAsync())!.WakeIn!.Value, PatientSaga.BackOff / 2, PatientSaga.BackOff);
        await CrashAsync();
        Fixture.AdvancePastRecovery();
        Assert.Equal(["work#1"], Script.Calls);
        Time.Advance(PatientSaga.BackOff);

        Assert.Equal("Completed work=Succeeded", Show(await EndAsync()));
        Assert.Equal(["work#1", "work#2"], Script.Calls);
    }

    private sealed class PatientSaga : Saga<OrderData>
    {
        internal static readonly TimeSpan BackOff = TimeSpan.FromSeconds(80);

        protected override void Define(ISagaBuilder<OrderData> saga) => saga.Step("work")
            .Do(SagaScript.RunAsync)
            .Retry(new SagaRetry { Delay = BackOff, MaxDelay = BackOff });
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<PatientSaga, OrderData>();
    }
}
