using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaOperationsTests(SagaCluster<SagaOperationsTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaOperationsTests.Silo>>
{
    private const string UnknownPivot = "Stuck reserve=Succeeded charge=Unknown ship=Pending";

    private bool _isDown = true;

    [Fact]
    public async Task PivotWithUnknownOutcome_Stuck_IsRetried()
    {
        await StickAsync("charge", UnknownPivot);

        _isDown = false;
        await Operations.RetryAsync(Id, "ann", "bank is up again", Token).Soon();

        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge#2", "ship#1"], Script.Calls);
        await AssertNotedAsync(SagaEvent.Retried, null, "ann", "bank is up again");
    }

    [Fact]
    public async Task PivotWithUnknownOutcome_Skipped_CountsAsDone()
    {
        await StickAsync("charge", UnknownPivot);

        await Operations.SkipAsync(Id, "charge", "ann", "paid in cash", Token).Soon();

        Assert.Equal("Completed reserve=Succeeded charge=Skipped ship=Succeeded", Show(await EndAsync()));
        await AssertNotedAsync(SagaEvent.Skipped, "charge", "ann", "paid in cash");
    }

    [Fact]
    public async Task PivotWithUnknownOutcome_Compensated_CountsAsNotDone()
    {
        await StickAsync("charge", UnknownPivot);

        await Operations.CompensateAsync(Id, "ann", "nothing on the statement", Token).Soon();

        var status = await EndAsync();
        Assert.Equal("Compensated reserve=Compensated charge=Rejected ship=Pending", Show(status));
        Assert.Equal("ann: nothing on the statement", status.CompensationReason);
        await AssertNotedAsync(SagaEvent.TurnedRound, null, "ann", "ann: nothing on the statement");
    }

    [Fact]
    public async Task PivotWithUnknownOutcome_GivenUp_StandsAsItIs()
    {
        await StickAsync("charge", UnknownPivot);

        var given = await Operations.GiveUpAsync(Id, "ann", "written off", Token).Soon();

        Assert.Equal("GivenUp reserve=Succeeded charge=Unknown ship=Pending", Show(given));
        Assert.NotNull(given.EndedAt);
        Assert.False(given.NeedsOperator);
        await AssertNotedAsync(SagaEvent.GivenUp, null, "ann", "written off");
        Assert.Equal("GivenUp", (await RowAsync())?.Status);
        await RefusedAsync(SagaInterventionKind.GiveUp, () => Operations.GiveUpAsync(Id, "ann", "again", Token));
        await Assert.ThrowsAsync<SagaCannotBeCancelledException>(() => Sagas.CancelAsync(Id, Token));
    }

    [Fact]
    public async Task StepPastThePivot_Stuck_CanBeRetriedOrSkippedButNotUndone()
    {
        await StickAsync("ship", "Stuck reserve=Succeeded charge=Succeeded ship=Unknown");

        await RefusedAsync(SagaInterventionKind.Compensate, () => Operations.CompensateAsync(Id, "ann", "why not", Token));
        await Operations.RetryAsync(Id, "ann", "try", Token).Soon();
        await WrittenAsync(record => record.Steps[2].Action is { Begun: 2, IsOpen: false } && record.IsHalted, "stuck again");
        await Operations.SkipAsync(Id, "ship", "ann", "sent by hand", Token).Soon();

        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Skipped", Show(await EndAsync()));
    }

    [Fact]
    public async Task Compensation_Stuck_CanBeSkipped()
    {
        Script.On("charge", _ => throw new SagaRejectedException("declined"));
        await StickAsync("reserve:compensation", "Stuck reserve=CompensationFailed charge=Rejected ship=Pending");

        await RefusedAsync(SagaInterventionKind.Compensate, () => Operations.CompensateAsync(Id, "ann", "why not", Token));
        await Operations.SkipAsync(Id, "reserve", "ann", "put back by hand", Token).Soon();

        Assert.Equal("Compensated reserve=CompensationSkipped charge=Rejected ship=Pending", Show(await EndAsync()));
    }

    [Fact]
    public async Task WaitingStep_Skipped_TheSagaGoesOn()
    {
        await StartAsync<WaitingSaga>();
        await StepAsync("go", SagaStepState.Waiting);

        await Operations.SkipAsync(Id, "go", "ann", "went by phone", Token).Soon();
        await StepAsync("pause", SagaStepState.Waiting);
        await Operations.SkipAsync(Id, "pause", "ann", "in a hurry", Token).Soon();

        Assert.Equal("Completed go=Skipped pause=Skipped", Show(await EndAsync()));
        Assert.Null((await StatusAsync()).Steps[1].DueAt);
    }

    [Fact]
    public async Task SagaThatRuns_CanOnlyBeCancelled()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<PivotSaga>();
        await begun.Soon();
        var before = await StatusAsync();

        await RefusedAsync(SagaInterventionKind.Retry, () => Operations.RetryAsync(Id, "ann", "why not", Token));
        await RefusedAsync(SagaInterventionKind.Compensate, () => Operations.CompensateAsync(Id, "ann", "why not", Token));
        await RefusedAsync(SagaInterventionKind.GiveUp, () => Operations.GiveUpAsync(Id, "ann", "why not", Token));
        await RefusedAsync(SagaInterventionKind.Skip, () => Operations.SkipAsync(Id, "charge", "ann", "why not", Token));
        await RefusedAsync(SagaInterventionKind.Skip, () => Operations.SkipAsync(Id, "nothing", "ann", "why not", Token));

        Assert.Equal(before.Revision, (await StatusAsync()).Revision);
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Arguments_OutsideTheirBounds_AreRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>("by", () => Operations.RetryAsync(Id, " ", "reason", Token));
        await Assert.ThrowsAsync<ArgumentException>("by", () => Operations.GiveUpAsync(Id, new string('a', 201), "reason", Token));
        await Assert.ThrowsAsync<ArgumentException>("reason", () => Operations.CompensateAsync(Id, "ann", "", Token));
        await Assert.ThrowsAsync<ArgumentException>("reason", () => Operations.SkipAsync(Id, "a", "ann", new string('r', 1_001), Token));
        await Assert.ThrowsAsync<ArgumentException>("step", () => Operations.SkipAsync(Id, "", "ann", "reason", Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(
            () => Operations.RetryAsync(Id, new string('a', 200), new string('r', 1_000), Token));
        await Assert.ThrowsAsync<ArgumentException>(() => Grain.InterveneAsync(
            new SagaIntervention { Kind = SagaInterventionKind.Retry, By = "", Reason = "reason" }).Soon());
        await Assert.ThrowsAsync<ArgumentException>("query", () => Operations.ListAsync(new SagaQuery { MaxCount = 1_001 }, Token));
    }

    private async Task StickAsync(string step, string expected)
    {
        Script.On(step, _ =>
        {
            if (_isDown)
            {
                throw new InvalidOperationException("down");
            }
        });
        await StartAsync<PivotSaga>();
        Assert.Equal(expected, Show(await EndAsync()));
        await SettledAsync();
    }

    private async Task AssertNotedAsync(SagaEvent what, string? step, string by, string detail)
    {
        var noted = Assert.Single((await Sagas.GetHistoryAsync(Id, Token).Soon()).Entries, entry => entry.Event == what);
        Assert.Equal((step, by, detail), (noted.Step, noted.By, noted.Detail));
    }

    private async Task RefusedAsync(SagaInterventionKind kind, Func<Task> operation)
    {
        var refused = await Assert.ThrowsAsync<SagaInterventionRefusedException>(operation);
        Assert.Equal((Id, kind), (refused.SagaId, refused.Kind));
    }

    private sealed class PivotSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            var once = new SagaRetry { MaxAttempts = 1 };
            saga.Step("reserve").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync).RetryCompensation(once);
            saga.Step("charge").Do(SagaScript.RunAsync).Retry(once).Pivot();
            saga.Step("ship").Do(SagaScript.RunAsync).Retry(once);
        }
    }

    private sealed class WaitingSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.WaitFor<OrderData>("go");
            saga.Delay("pause", TimeSpan.FromDays(1));
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<PivotSaga, OrderData>().AddSaga<WaitingSaga, OrderData>();
    }
}
