using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Two sagas of the definition may have steps running; one silo.</summary>
public sealed class SagaThrottleTests(SagaCluster<SagaThrottleTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaThrottleTests.Silo>>
{
    private const string HeldBack = "Running work=Pending go=Pending more=Pending";

    [Fact]
    public async Task Third_WaitsUntilOneWaitsForASignal()
    {
        var (one, two, three) = (New("one"), New("two"), New("three"));
        var (first, second) = (await HoldAsync(one), await HoldAsync(two));
        await StartAsync<NarrowSaga>(three.SagaId);
        await SettledAsync(three.SagaId);
        Assert.Equal(HeldBack, Show(await StatusAsync(three.SagaId)));

        first.SetResult();
        await StepAsync("go", SagaStepState.Waiting, three.SagaId);

        Assert.Equal(["work#1"], three.Calls);
        Assert.Equal("Running work=Succeeded go=Waiting more=Pending", Show(await StatusAsync(one.SagaId)));
        second.SetResult();
        await FinishAsync(one, two, three);
    }

    [Fact]
    public async Task Waiting_ForItsTurn_IsInLineAndCanBeCancelled()
    {
        var (one, two, three, four) = (New("one"), New("two"), New("three"), New("four"));
        var (first, second) = (await HoldAsync(one), await HoldAsync(two));
        await StartAsync<NarrowSaga>(three.SagaId);
        var (begun, release) = four.Hang("work");
        await StartAsync<NarrowSaga>(four.SagaId);

        await Sagas.CancelAsync(three.SagaId, Token).Soon();
        Assert.Equal("Compensated work=Pending go=Pending more=Pending", Show(await EndAsync(three.SagaId)));
        first.SetResult();
        await begun.Soon();

        Assert.Empty(three.Calls);
        release.SetResult();
        second.SetResult();
        await FinishAsync(one, two, four);
    }

    [Fact]
    public async Task Undoing_IsNotHeldBack()
    {
        var (one, two, three) = (New("one"), New("two"), New("three"));
        await StartAsync<NarrowSaga>(three.SagaId);
        await StepAsync("go", SagaStepState.Waiting, three.SagaId);
        var (first, second) = (await HoldAsync(one), await HoldAsync(two));

        await Sagas.CancelAsync(three.SagaId, Token).Soon();

        Assert.Equal("Compensated work=Compensated go=Skipped more=Pending", Show(await EndAsync(three.SagaId)));
        first.SetResult();
        second.SetResult();
        await FinishAsync(one, two);
    }

    [Fact]
    public async Task Step_ThatIsSignalledWhileThereIsNoRoom_WaitsForIt()
    {
        var (one, two, three) = (New("one"), New("two"), New("three"));
        await StartAsync<NarrowSaga>(three.SagaId);
        await StepAsync("go", SagaStepState.Waiting, three.SagaId);
        var (first, second) = (await HoldAsync(one), await HoldAsync(two));

        await GoAsync(three);
        await SettledAsync(three.SagaId);
        Assert.Equal("Running work=Succeeded go=Succeeded more=Pending", Show(await StatusAsync(three.SagaId)));
        second.SetResult();

        Assert.Equal(SagaPhase.Completed, (await EndAsync(three.SagaId)).Phase);
        first.SetResult();
        await FinishAsync(one, two);
    }

    [Fact]
    public async Task Activation_Gone_ItsPlaceIsFree()
    {
        var (one, two, three) = (New("one"), New("two"), New("three"));
        var (first, second) = (await HoldAsync(one), await HoldAsync(two));
        await StartAsync<NarrowSaga>(three.SagaId);
        await SettledAsync(three.SagaId);
        Assert.Empty(three.Calls);

        await CrashAsync(one.SagaId);
        await StepAsync("go", SagaStepState.Waiting, three.SagaId);

        Assert.Equal(["work#1"], three.Calls);
        first.SetResult();
        second.SetResult();
        Fixture.AdvancePastRecovery();
        await FinishAsync(one, two, three);
    }

    private SagaScript New(string name) => new($"{Id}-{name}");

    /// <summary>Starts a saga that stays in its first step.</summary>
    private async Task<TaskCompletionSource> HoldAsync(SagaScript script)
    {
        var (begun, release) = script.Hang("work");
        await StartAsync<NarrowSaga>(script.SagaId);
        await begun.Soon();
        return release;
    }

    private Task<SagaStatus> GoAsync(SagaScript script) => Sagas.SignalAsync(script.SagaId, "go", new OrderData(), null, Token).Soon();

    private async Task FinishAsync(params SagaScript[] scripts)
    {
        foreach (var script in scripts)
        {
            await GoAsync(script);
        }

        foreach (var script in scripts)
        {
            Assert.Equal(SagaPhase.Completed, (await EndAsync(script.SagaId)).Phase);
        }
    }

    private sealed class NarrowSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.MaxConcurrency(2);
            saga.Step("work").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.WaitFor<OrderData>("go");
            saga.Step("more").Do(SagaScript.RunAsync);
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<NarrowSaga, OrderData>();
    }
}
