using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What waits for a time: delays, a saga's deadline, the end of its retention.</summary>
public sealed class SagaDelayTests(SagaCluster<SagaDelayTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaDelayTests.Silo>>
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>Nobody but the catalog has to remember it.</summary>
    [Fact]
    public async Task Delay_OfAMonth_NeedsNoActivation()
    {
        await StartAsync<ReminderSaga>(data: new OrderData { Order = "30" });
        await StepAsync("wait", SagaStepState.Waiting);
        Assert.Equal(Month, (await RowAsync())?.WakeIn);
        await CrashAsync();

        Time.Advance(Month - TimeSpan.FromSeconds(1));
        Assert.Equal("Running prepare=Succeeded wait=Waiting remind=Pending", Show(await StatusAsync()));
        await CrashAsync();
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("Completed prepare=Succeeded wait=Succeeded remind=Succeeded", Show(await EndAsync()));
        Assert.Equal(["prepare#1", "remind#1"], Script.Calls);
    }

    /// <summary>One that is short is waited for in memory, to the point.</summary>
    [Fact]
    public async Task Delay_OfSeconds_IsATimer()
    {
        await StartAsync<ReminderSaga>(data: new OrderData { Order = "0.00:00:03" });
        await StepAsync("wait", SagaStepState.Waiting);

        Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("Completed prepare=Succeeded wait=Succeeded remind=Succeeded", Show(await EndAsync()));
    }

    [Fact]
    public async Task Delay_BelowZero_IsNone()
    {
        await StartAsync<ReminderSaga>(data: new OrderData { Order = "-1" });
        Assert.Equal("Completed prepare=Succeeded wait=Succeeded remind=Succeeded", Show(await EndAsync()));
    }

    [Theory]
    [InlineData("3654", "The delay of step 'wait' is 3654.00:00:00; it must be at most 3653.00:00:00.")]
    [InlineData("soon", "The delay of step 'wait' cannot be computed from the data: FormatException: ")]
    public async Task Delay_ThatMakesNoSense_Parks(string delay, string reason)
    {
        await StartAsync<ReminderSaga>(data: new OrderData { Order = delay });

        var status = await EndAsync();
        Assert.Equal(SagaPhase.Parked, status.Phase);
        Assert.StartsWith(reason, status.StuckReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delay_Cancelled_IsSkippedAndTheSagaUndone()
    {
        await StartAsync<ReminderSaga>(data: new OrderData { Order = "30" });
        await StepAsync("wait", SagaStepState.Waiting);

        await Sagas.CancelAsync(Id, Token).Soon();

        Assert.Equal("Compensated prepare=Compensated wait=Skipped remind=Pending", Show(await EndAsync()));
    }

    [Fact]
    public async Task Deadline_WhileNothingRuns_UndoesTheSaga()
    {
        var started = await StartAsync<HurriedSaga>();
        Assert.Equal(Time.GetUtcNow() + HurriedSaga.Deadline, started.DeadlineAt);
        await StepAsync("go", SagaStepState.Waiting);
        Assert.Equal(HurriedSaga.Deadline, (await RowAsync())?.WakeIn);
        await CrashAsync();

        Time.Advance(HurriedSaga.Deadline);
        await WrittenAsync(record => record.Phase == SagaPhase.Compensated, "undone");

        var status = await StatusAsync();
        Assert.Equal("Compensated prepare=Compensated go=Skipped ship=Pending track=Pending", Show(status));
        Assert.Equal("It was not through by its deadline, 2026-", status.CompensationReason?[..41]);
    }

    [Fact]
    public async Task Deadline_WhileAStepRuns_AsksItToEnd()
    {
        var (begun, cancelled) = Script.HangUntilCancelled("prepare");
        await StartAsync<HurriedSaga>();
        await begun.Soon();

        Time.Advance(HurriedSaga.Deadline);
        await cancelled.Soon();

        Assert.Equal("Compensated prepare=Compensated go=Pending ship=Pending track=Pending", Show(await EndAsync()));
        Assert.Equal(["prepare#1", "prepare:compensation#1?"], Script.Calls);
    }

    [Fact]
    public async Task Deadline_PastThePivot_MeansNothing()
    {
        var (begun, release) = Script.Hang("track");
        await StartAsync<HurriedSaga>();
        await Sagas.SignalAsync(Id, "go", new OrderData(), null, Token).Soon();
        await begun.Soon();

        Time.Advance(HurriedSaga.Deadline);
        await Wakeable.WakeAsync().Soon();
        Assert.Equal("Running prepare=Succeeded go=Succeeded ship=Succeeded track=Running", Show(await StatusAsync()));
        release.SetResult();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Retention_Over_RecordAndRowAreGoneAndTheIdIsFree()
    {
        await StartAsync<OrderSaga>();
        await EndAsync();
        Assert.Equal(Month, (await RowAsync())?.WakeIn);
        await CrashAsync();
        Time.Advance(Month - TimeSpan.FromSeconds(1));
        Assert.Equal(SagaPhase.Completed, (await StatusAsync()).Phase);

        Time.Advance(TimeSpan.FromSeconds(1));
        await WrittenAsync(record => record.Phase == SagaPhase.None, "removed");

        Assert.Null(await RowAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(() => StatusAsync());
        Assert.Equal(SagaPhase.Running, (await StartAsync<OrderSaga>(data: new OrderData { Order = "o-2" })).Phase);
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    private sealed class ReminderSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("prepare").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.Delay("wait", data => TimeSpan.Parse(data.Order, System.Globalization.CultureInfo.InvariantCulture));
            saga.Step("remind").Do(SagaScript.RunAsync);
        }
    }

    private sealed class HurriedSaga : Saga<OrderData>
    {
        internal static readonly TimeSpan Deadline = TimeSpan.FromHours(1);

        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Deadline(Deadline);
            saga.Step("prepare").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync).Timeout(2 * Deadline);
            saga.WaitFor<OrderData>("go");
            saga.Step("ship").Do(SagaScript.RunAsync).Pivot();
            saga.Step("track").Do(SagaScript.RunAsync).Timeout(2 * Deadline);
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<ReminderSaga, OrderData>().AddSaga<HurriedSaga, OrderData>();
    }
}
