using Orleans.TestingHost;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaChildTests : SagaTests, IClassFixture<SagaCluster<SagaChildTests.Silo>>
{
    private readonly SagaScript _child;

    public SagaChildTests(SagaCluster<Silo> fixture)
        : base(fixture) => _child = new SagaScript($"{Id}/hotel");

    [Fact]
    public async Task Child_Completed_ItsResultIsApplied()
    {
        (string? Approver, string? Order) seen = default;
        Script.On("confirm", context => seen = (context.Data.Approver, context.Data.Order));
        _child.On("pay", context => context.Data.Approver = "concierge");

        await StartAsync<TripSaga>();

        Assert.Equal("Completed fly=Succeeded hotel=Succeeded confirm=Succeeded", Show(await EndAsync()));
        Assert.Equal(("concierge", "o-1"), seen);
        var child = await StatusAsync(_child.SagaId);
        Assert.Equal("Completed book=Succeeded pay=Succeeded", Show(child));
        Assert.Equal("HotelSaga", child.Definition);
    }

    [Fact]
    public async Task Child_Undone_TheParentIsUndoneToo()
    {
        _child.On("pay", _ => throw new SagaRejectedException("card declined"));

        await StartAsync<TripSaga>();

        var status = await EndAsync();
        Assert.Equal("Compensated fly=Compensated hotel=Rejected confirm=Pending", Show(status));
        Assert.Equal(
            "Step 'hotel' was rejected: Its child saga was undone: Step 'pay' was rejected: card declined", status.CompensationReason);
        Assert.Equal("Compensated book=Compensated pay=Rejected", Show(await StatusAsync(_child.SagaId)));
    }

    [Fact]
    public async Task Parent_FailsLater_TheCompletedChildIsUndone()
    {
        Script.On("confirm", _ => throw new SagaRejectedException("too late"));

        await StartAsync<TripSaga>();

        Assert.Equal("Compensated fly=Compensated hotel=Compensated confirm=Rejected", Show(await EndAsync()));
        var child = await StatusAsync(_child.SagaId);
        Assert.Equal("Compensated book=Compensated pay=Compensated", Show(child));
        Assert.Equal("The saga that it is a step of is undone.", child.CompensationReason);
        Assert.Equal(["book#1", "pay#1", "pay:compensation#1", "book:compensation#1"], _child.Calls);
        Assert.Equal(["fly#1", "confirm#1", "fly:compensation#1"], Script.Calls);
    }

    [Fact]
    public async Task Parent_CancelledWhileItsChildRuns_ChildAndParentAreUndone()
    {
        var (begun, _) = _child.HangUntilCancelled("pay");
        await StartAsync<TripSaga>();
        await StepAsync("hotel", SagaStepState.Waiting);
        await begun.Soon();

        await Sagas.CancelAsync(Id, Token).Soon();

        Assert.Equal("Compensated fly=Compensated hotel=Compensated confirm=Pending", Show(await EndAsync()));
        Assert.Equal("Compensated book=Compensated pay=Compensated", Show(await StatusAsync(_child.SagaId)));
    }

    [Fact]
    public async Task Undo_OfAChildThatNeverBegan_RefusesALateStart()
    {
        var parent = new SagaParent { SagaId = Id, StepName = "hotel" };
        var child = GrainOf(_child.SagaId);

        Assert.Equal(SagaUndoReply.Undoing, await child.AsReference<ISagaAttempts>().UndoAsync(parent, "HotelSaga").Soon());
        Assert.Equal(SagaUndoReply.Undoing, await child.AsReference<ISagaAttempts>().UndoAsync(parent, "HotelSaga").Soon());

        Assert.Equal(SagaPhase.Compensated, (await StatusAsync(_child.SagaId)).Phase);
        await Assert.ThrowsAsync<SagaConflictException>(() => StartAsync<HotelSaga>(_child.SagaId));
        Assert.NotNull((await RowAsync(_child.SagaId))?.WakeIn);
        Assert.Empty(_child.Calls);
    }

    /// <summary>The parent's write fails, so it has not heard; the child says it again when it is woken.</summary>
    [Fact]
    public async Task Child_WhoseParentDidNotHear_SaysItAgain()
    {
        var (begun, release) = _child.Hang("pay");
        await StartAsync<TripSaga>();
        await StepAsync("hotel", SagaStepState.Waiting);
        await begun.Soon();
        Time.Journal.FailNextWrite(Id);

        release.SetResult();
        await WrittenAsync(record => record.Phase == SagaPhase.Completed, "completed", _child.SagaId);
        Assert.InRange((await RowAsync(_child.SagaId))!.WakeIn!.Value, TimeSpan.Zero, new SagaOptions().RecoveryInterval);
        Assert.Equal("Running fly=Succeeded hotel=Waiting confirm=Pending", Show(await StatusAsync()));
        Fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        await Wakeable.WakeAsync().Soon();
        Assert.Equal(["fly#1", "confirm#1"], Script.Calls);
    }

    /// <summary>Its retention is over, and its parent may still have to undo it.</summary>
    [Fact]
    public async Task Child_PastItsRetention_StaysUntilItsParentHasEnded()
    {
        var (begun, release) = (NewSignal(), NewSignal());
        Script.On("confirm", async (_, _) =>
        {
            begun.SetResult();
            await release.Task;
            throw new SagaRejectedException("too late");
        });
        await StartAsync<TripSaga>();
        await begun.Task.Soon();
        await PassRetentionAsync();

        await Child.WakeAsync().Soon();
        Assert.Equal(SagaPhase.Completed, (await StatusAsync(_child.SagaId)).Phase);
        Assert.Equal(TimeSpan.FromHours(1), (await RowAsync(_child.SagaId))?.WakeIn);

        release.SetResult();
        Assert.Equal(SagaPhase.Compensated, (await EndAsync()).Phase);
        Assert.Equal(SagaPhase.Compensated, (await StatusAsync(_child.SagaId)).Phase);
        await PassRetentionAsync();
        await Child.WakeAsync().Soon();
        Assert.Null(await RowAsync(_child.SagaId));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => StatusAsync(_child.SagaId));

        // As if the child had ended so long ago.
        async Task PassRetentionAsync()
        {
            await SettledAsync(_child.SagaId);
            await CrashAsync(_child.SagaId);
            await Fixture.ChangeRecordAsync(_child.SagaId, record => record with { EndedAt = record.EndedAt - new SagaOptions().Retention });
        }
    }

    [Fact]
    public async Task ChildsEnd_ToldTwice_CountsOnce()
    {
        await StartAsync<TripSaga>();
        var ended = await EndAsync();

        await Attempts.ChildEndedAsync("hotel", SagaPhase.Compensated, "{}", "it changed its mind").Soon();
        await Attempts.ChildEndedAsync("fly", SagaPhase.Completed, "{}", null).Soon();

        Assert.Equal(ended.Revision, (await StatusAsync()).Revision);
    }

    /// <summary>A child that was started may have ended before the answer of the attempt that started it is in.</summary>
    [Fact]
    public async Task ChildsEnd_BeforeTheAnswerOfItsStart_IsTaken()
    {
        await StartAsync<SlowTripSaga>();
        await StepAsync("hotel", SagaStepState.Waiting);
        await Fixture.ChangeRecordAsync(Id, record => record with
        {
            Steps = [record.Steps[0] with { State = SagaStepState.Running, Action = new SagaTally { Begun = 1, IsOpen = true } }],
        });
        await CrashAsync();

        await Attempts.ChildEndedAsync("hotel", SagaPhase.Completed, "{}", null).Soon();

        Assert.Equal("Completed hotel=Succeeded", Show(await EndAsync()));
    }

    [Fact]
    public async Task Child_GivenUp_TheParentTurnsRound_AndIsStuckWhereItCannotUndoIt()
    {
        _child.On("pay", _ => throw new SagaRejectedException("declined"));
        _child.On("book:compensation", _ => throw new InvalidOperationException("hotel is down"));
        await StartAsync<TripSaga>();
        await WrittenAsync(record => record.Phase == SagaPhase.Stuck, "stuck", _child.SagaId);
        Assert.Equal(SagaPhase.Running, (await StatusAsync()).Phase);

        await Operations.GiveUpAsync(_child.SagaId, "ops", "booked by phone", Token).Soon();
        await WrittenAsync(record => record.CompensationReason is not null, "turned round");

        Assert.StartsWith("Its child saga was given up:", (await StatusAsync()).CompensationReason, StringComparison.Ordinal);
        await WrittenAsync(record => record.Phase == SagaPhase.Stuck, "stuck");
        Assert.Contains("It was given up by an operator.", (await StatusAsync()).StuckReason, StringComparison.Ordinal);

        await Operations.SkipAsync(Id, "hotel", "ops", "booked by phone", Token).Soon();
        await WrittenAsync(record => record.Phase == SagaPhase.Compensated, "compensated");
    }

    private static readonly SagaRetry Once = new() { MaxAttempts = 1 };

    private IWakeable Child => GrainOf(_child.SagaId).AsReference<IWakeable>();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class TripSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("fly").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.Child<HotelSaga, OrderData>("hotel", data => new OrderData { Order = $"hotel for {data.Order}" })
                .Apply((data, hotel) => data.Approver = hotel.Approver);
            saga.Step("confirm").Do(SagaScript.RunAsync);
        }
    }

    private sealed class SlowTripSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.Child<IdleSaga, OrderData>("hotel", data => data);
    }

    private sealed class HotelSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("book").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync).RetryCompensation(Once);
            saga.Step("pay").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
        }
    }

    private sealed class IdleSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.Delay("idle", TimeSpan.FromDays(1));
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddSaga<TripSaga, OrderData>()
            .AddSaga<SlowTripSaga, OrderData>()
            .AddSaga<HotelSaga, OrderData>()
            .AddSaga<IdleSaga, OrderData>();
    }
}
