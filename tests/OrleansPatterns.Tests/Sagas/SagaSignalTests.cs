using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaSignalTests(SagaCluster<SagaSignalTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaSignalTests.Silo>>
{
    [Fact]
    public async Task Signal_AtItsStep_IsAppliedAndTheSagaGoesOn()
    {
        string? seen = null;
        Script.On("finish", context => seen = context.Data.Approver);
        await StartAsync<ApprovalSaga>();
        await StepAsync("approved", SagaStepState.Waiting);
        var waiting = await StatusAsync();
        Assert.Equal("Running prepare=Succeeded approved=Waiting finish=Pending", Show(waiting));
        Assert.Equal(Time.GetUtcNow() + ApprovalSaga.Deadline, waiting.Steps[1].DueAt);

        Assert.Equal("Running prepare=Succeeded approved=Succeeded finish=Running", Show(await ApproveAsync("ann")));

        Assert.Equal("Completed prepare=Succeeded approved=Succeeded finish=Succeeded", Show(await EndAsync()));
        Assert.Equal("ann", seen);
    }

    [Fact]
    public async Task Signal_BeforeItsStep_IsThereWhenItsTurnComes()
    {
        string? seen = null;
        Script.On("finish", context => seen = context.Data.Approver);
        var (begun, release) = Script.Hang("prepare");
        await StartAsync<ApprovalSaga>();
        await begun.Soon();

        Assert.Equal("Running prepare=Running approved=Pending finish=Pending", Show(await ApproveAsync("ann")));
        release.SetResult();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal("ann", seen);
    }

    [Fact]
    public async Task Signal_WhileNoActivationIsThere_IsTaken()
    {
        await StartAsync<ApprovalSaga>();
        await StepAsync("approved", SagaStepState.Waiting);
        await CrashAsync();

        await ApproveAsync("ann");

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    /// <summary>It needs nobody until the signal comes, but people look for it.</summary>
    [Fact]
    public async Task Saga_ThatBeginsWithASignal_HasARow()
    {
        await StartAsync<PatientSaga>();

        var row = await RowAsync();
        Assert.Equal("Running", row?.Status);
        Assert.Null(row?.WakeIn);
    }

    [Fact]
    public async Task Deadline_PassesWithoutSignal_TheSagaIsUndone()
    {
        await StartAsync<ApprovalSaga>();
        await StepAsync("approved", SagaStepState.Waiting);
        Assert.Equal(ApprovalSaga.Deadline, (await RowAsync())?.WakeIn);
        await CrashAsync();

        Time.Advance(ApprovalSaga.Deadline);
        await WrittenAsync(record => record.Phase == SagaPhase.Compensated, "undone");

        var status = await StatusAsync();
        Assert.Equal("Compensated prepare=Compensated approved=Rejected finish=Pending", Show(status));
        Assert.Equal("Signal 'approved' did not come within 01:00:00.", status.CompensationReason);
        await RefusedAsync(SagaSignalOutcome.Ended, () => ApproveAsync("ann"));
    }

    [Fact]
    public async Task Deadline_PassesWhereTheSignalIsNotNeeded_TheSagaGoesOn()
    {
        await StartAsync<LenientSaga>();
        await StepAsync("first", SagaStepState.Waiting);

        Time.Advance(ApprovalSaga.Deadline);
        await StepAsync("second", SagaStepState.Waiting);

        Assert.Equal("Running prepare=Succeeded first=Skipped second=Waiting", Show(await StatusAsync()));
        await RefusedAsync(SagaSignalOutcome.NotAwaited, () => SignalAsync("first", "late"));
        await SignalAsync("second", "ann");
        Assert.Equal("Completed prepare=Succeeded first=Skipped second=Succeeded", Show(await EndAsync()));
    }

    [Fact]
    public async Task Signal_Repeated_IsTakenOnceWheneverItComes()
    {
        var call = Guid.NewGuid();
        var (begun, release) = Script.Hang("prepare");
        await StartAsync<ApprovalSaga>();
        await begun.Soon();

        var first = await ApproveAsync("ann", call);
        Assert.Equal(first.Revision, (await ApproveAsync("ann", call)).Revision);
        await RefusedAsync(SagaSignalOutcome.NotAwaited, () => ApproveAsync("bob"));
        release.SetResult();
        var ended = await EndAsync();

        Assert.Equal(ended.Revision, (await ApproveAsync("ann", call)).Revision);
        await RefusedAsync(SagaSignalOutcome.Ended, () => ApproveAsync("bob"));
    }

    [Fact]
    public async Task Signal_OfAnotherTypeOrName_IsRefusedAndNothingIsWritten()
    {
        await StartAsync<ApprovalSaga>();
        await StepAsync("approved", SagaStepState.Waiting);
        var before = await StatusAsync();

        await RefusedAsync(SagaSignalOutcome.InvalidPayload, () => Sagas.SignalAsync(Id, "approved", new Misunderstanding(7), null, Token));
        var unknown = await RefusedAsync(SagaSignalOutcome.UnknownSignal, () => SignalAsync("aproved", "ann"));

        Assert.Equal((Id, "aproved"), (unknown.SagaId, unknown.Signal));
        Assert.Contains("waits for [approved]", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(before.Revision, (await StatusAsync()).Revision);
        await ApproveAsync("ann");
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Signals_TooLarge_AreRefused()
    {
        var (begun, release) = Script.Hang("prepare");
        await StartAsync<LenientSaga>();
        await begun.Soon();
        await SignalAsync("first", new string('a', 200_000));
        var before = await StatusAsync();

        await RefusedAsync(SagaSignalOutcome.TooLarge, () => SignalAsync("second", new string('b', 100_000)));
        await Assert.ThrowsAsync<SagaDataTooLargeException>(() => SignalAsync("second", new string('b', 300_000)));

        Assert.Equal(before.Revision, (await StatusAsync()).Revision);
        release.SetResult();
        await StepAsync("second", SagaStepState.Waiting);
        await SignalAsync("second", new string('b', 100_000));
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Signal_ToNobodyOrWithoutPayload_IsRefused()
    {
        await Assert.ThrowsAsync<SagaNotFoundException>(() => ApproveAsync("ann"));
        await Assert.ThrowsAsync<ArgumentNullException>("payload", () => Sagas.SignalAsync<Approval>(Id, "approved", null!, null, Token));
        await Assert.ThrowsAsync<ArgumentException>("signal", () => SignalAsync("", "ann"));
    }

    [Fact]
    public async Task Signal_WhileTheSagaIsUndone_IsRefused()
    {
        Script.On("finish", _ => throw new SagaRejectedException("no"));
        var (begun, release) = Script.Hang("prepare:compensation");
        await StartAsync<ApprovalSaga>();
        await ApproveAsync("ann");
        await begun.Soon();

        await RefusedAsync(SagaSignalOutcome.Ended, () => ApproveAsync("bob"));

        release.SetResult();
        Assert.Equal(SagaPhase.Compensated, (await EndAsync()).Phase);
    }

    private Task<SagaStatus> ApproveAsync(string by, Guid? call = null) => SignalAsync("approved", by, call);

    private Task<SagaStatus> SignalAsync(string signal, string by, Guid? call = null) =>
        Sagas.SignalAsync(Id, signal, new Approval(by), call, Token).Soon();

    private static async Task<SagaSignalRefusedException> RefusedAsync(SagaSignalOutcome outcome, Func<Task> signal)
    {
        var refused = await Assert.ThrowsAsync<SagaSignalRefusedException>(signal);
        Assert.Equal(outcome, refused.Outcome);
        return refused;
    }

    private sealed record Approval(string By);

    private sealed record Misunderstanding(int By);

    private sealed class ApprovalSaga : Saga<OrderData>
    {
        internal static readonly TimeSpan Deadline = TimeSpan.FromHours(1);

        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("prepare").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.WaitFor<Approval>("approved").Apply((data, approval) => data.Approver = approval.By).Deadline(Deadline);
            saga.Step("finish").Do(SagaScript.RunAsync);
        }
    }

    private sealed class LenientSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("prepare").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.WaitFor<Approval>("first").Deadline(ApprovalSaga.Deadline, SagaDeadlineAction.Continue);
            saga.WaitFor<Approval>("second");
        }
    }

    private sealed class PatientSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.WaitFor<Approval>("approved");
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddSaga<ApprovalSaga, OrderData>()
            .AddSaga<LenientSaga, OrderData>()
            .AddSaga<PatientSaga, OrderData>();
    }
}
