using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Catalog;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaClientTests(SagaCluster fixture) : IClassFixture<SagaCluster>
{
    private static readonly OrderData Data = new() { Order = "o-1" };

    private readonly SagaScript _script = new($"saga-{Guid.NewGuid():N}");

    private string Id => _script.SagaId;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_AllStepsSucceed_Completes()
    {
        List<string> trail = [];
        _script.On("ship", context => trail = [context.Data.Order, .. context.Data.Trail]);

        var started = await StartAsync();
        var status = await EndAsync();

        Assert.Equal(("order", 2, Id), (started.Definition, started.Version, started.SagaId));
        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(status));
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], _script.Calls);
        Assert.Equal(["o-1", "reserve", "charge", "ship"], trail);
        Assert.Equal(4, status.Revision);
        await AssertRowAsync("Completed", isDue: false);
    }

    [Fact]
    public async Task Step_Rejected_IsNotCompensatedButTheOneBeforeIs()
    {
        _script.On("charge", _ => throw new SagaRejectedException("card declined"));

        await StartAsync();
        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Rejected ship=Pending", Show(status));
        Assert.Equal("Step 'charge' was rejected: card declined", status.CompensationReason);
        Assert.Equal(["reserve#1", "charge#1", "reserve:compensation#1"], _script.Calls);
    }

    [Fact]
    public async Task Step_FailsOnce_IsTriedAgainAfterTheBackOff()
    {
        List<string> keys = [];
        _script.On("charge", context =>
        {
            keys.Add(context.IdempotencyKey);
            if (context.Attempt == 1)
            {
                context.Data.Trail.Add("dropped");
                throw new InvalidOperationException("connection reset");
            }

            Assert.DoesNotContain("dropped", context.Data.Trail);
        });
        var backOff = BackOffArmedAsync();

        await StartAsync();
        await backOff;
        var status = await fixture.Sagas.GetStatusAsync(Id, Token).Soon();
        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(status));
        Assert.Equal("InvalidOperationException: connection reset", status.Steps[1].LastError);
        Assert.Equal(["reserve#1", "charge#1"], _script.Calls);

        fixture.Time.Advance(TimeSpan.FromSeconds(80));
        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge#2", "ship#1"], _script.Calls);
        Assert.Equal([$"{Id}/charge", $"{Id}/charge"], keys);
    }

    [Fact]
    public async Task Step_TimesOut_IsUnknownAndCompensatedAsSuch()
    {
        var first = _script.Hang("charge", attempt: 1);
        var backOff = BackOffArmedAsync();
        await StartAsync();
        await first.Begun.Soon();
        fixture.Time.Advance(OrderSaga.Timeout);
        await backOff;

        var second = _script.Hang("charge", attempt: 2);
        fixture.Time.Advance(TimeSpan.FromSeconds(80));
        await second.Begun.Soon();
        fixture.Time.Advance(OrderSaga.Timeout);
        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(status));
        Assert.Equal("TimeoutException: It took longer than its timeout of 00:00:12.", status.Steps[1].LastError);
        Assert.Equal(
            ["reserve#1", "charge#1", "charge#2", "charge:compensation#1?", "reserve:compensation#1"], _script.Calls);
        first.Release.SetResult();
        second.Release.SetResult();
    }

    [Fact]
    public async Task Step_KnowsNothingOfTheCallThatSetItGoing()
    {
        List<object?> seen = [];
        _script.On("reserve", _ => seen.Add(RequestContext.Get("tenant")));
        RequestContext.Set("tenant", "acme");

        await StartAsync();
        await EndAsync();

        Assert.Equal([null], seen);
    }

    [Fact]
    public async Task Step_Hangs_BlocksNobody()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();

        var waiting = fixture.Sagas.WaitForCompletionAsync(Id, Token);
        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(await fixture.Sagas.GetStatusAsync(Id, Token).Soon()));
        Assert.Equal(SagaPhase.Running, (await StartAsync()).Phase);
        Assert.False(waiting.IsCompleted);

        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await waiting.Soon()).Phase);
    }

    [Fact]
    public async Task Wait_LongerThanItsSlices_GoesOn()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();

        var slice = fixture.Time.ArmedAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        var waiting = fixture.Sagas.WaitForCompletionAsync(Id, Token);
        await slice;
        var next = fixture.Time.ArmedAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await next;
        Assert.False(waiting.IsCompleted);

        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await waiting.Soon()).Phase);
    }

    [Fact]
    public async Task Wait_Cancelled_EndsTheWaitingNotTheSaga()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var waiting = fixture.Sagas.WaitForCompletionAsync(Id, impatience.Token);
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Cancel_WhileAStepRuns_AsksItToEndAndUndoesAll()
    {
        var (begun, _) = _script.HangUntilCancelled("charge");
        await StartAsync();
        await begun.Soon();

        Assert.True((await fixture.Sagas.CancelAsync(Id, Token).Soon()).IsCancelRequested);
        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(status));
        Assert.Equal("It was cancelled.", status.CompensationReason);
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1?", "reserve:compensation#1"], _script.Calls);
    }

    [Fact]
    public async Task Cancel_WhileAStepSucceeds_KnowsThatItHappened()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();

        await fixture.Sagas.CancelAsync(Id, Token).Soon();
        release.SetResult();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1", "reserve:compensation#1"], _script.Calls);
    }

    [Fact]
    public async Task Cancel_DuringTheBackOff_UndoesAtOnce()
    {
        _script.On("charge", _ => throw new InvalidOperationException("no answer"));
        var backOff = BackOffArmedAsync();
        await StartAsync();
        await backOff;

        await fixture.Sagas.CancelAsync(Id, Token).Soon();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1?", "reserve:compensation#1"], _script.Calls);
    }

    [Fact]
    public async Task Cancel_AfterTheAnswerWhileTheRunnerStillWaits_UndoesAtOnce()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();
        await Attempts.CompleteAttemptAsync(
            new SagaAttemptReport { Step = 1, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Failed }).Soon();

        await fixture.Sagas.CancelAsync(Id, Token).Soon();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        release.SetResult();
    }

    [Fact]
    public async Task Cancel_Completed_StaysCompleted()
    {
        await StartAsync();
        await EndAsync();
        Assert.Equal(SagaPhase.Completed, (await fixture.Sagas.CancelAsync(Id, Token).Soon()).Phase);
    }

    [Fact]
    public async Task Start_Again_IsTheSameSagaOrAConflict()
    {
        await StartAsync();
        var ended = await EndAsync();

        Assert.Equal(ended.Revision, (await StartAsync()).Revision);
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], _script.Calls);
        var otherData = await Assert.ThrowsAsync<SagaConflictException>(
            () => fixture.Sagas.StartAsync<OrderSaga, OrderData>(Id, new OrderData { Order = "o-2" }, Token));
        Assert.Equal((Id, "order"), (otherData.SagaId, otherData.Definition));
        await Assert.ThrowsAsync<SagaConflictException>(() => fixture.Sagas.StartAsync<Unregistered, OrderData>(Id, Data, Token));
    }

    [Fact]
    public async Task Start_UnknownDefinition_IsRefusedAndNothingIsWritten()
    {
        var exception = await Assert.ThrowsAsync<UnknownSagaException>(
            () => fixture.Sagas.StartAsync<Unregistered, OrderData>(Id, Data, Token));

        Assert.Equal("Unregistered", exception.Definition);
        Assert.Null(await fixture.Catalog.FindAsync("saga", Id, Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => fixture.Sagas.GetStatusAsync(Id, Token));
    }

    [Fact]
    public async Task UnknownId_IsNotFound()
    {
        Assert.Equal(Id, (await Assert.ThrowsAsync<SagaNotFoundException>(() => fixture.Sagas.GetStatusAsync(Id, Token))).SagaId);
        await Assert.ThrowsAsync<SagaNotFoundException>(() => fixture.Sagas.WaitForCompletionAsync(Id, Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => fixture.Sagas.CancelAsync(Id, Token));
        await Assert.ThrowsAsync<SagaNotFoundException>(() => fixture.Sagas.RetryAsync(Id, Token));
    }

    [Fact]
    public async Task BadInput_IsRefusedBeforeAnythingIsSent()
    {
        await Assert.ThrowsAsync<ArgumentNullException>("data", () => fixture.Sagas.StartAsync<OrderSaga, OrderData>(Id, null!, Token));
        await Assert.ThrowsAsync<ArgumentException>("sagaId", () => fixture.Sagas.StartAsync<OrderSaga, OrderData>("", Data, Token));
        await Assert.ThrowsAsync<ArgumentException>("sagaId", () => fixture.Sagas.GetStatusAsync("a\nb", Token));
        var tooLarge = await Assert.ThrowsAsync<SagaDataTooLargeException>(
            () => fixture.Sagas.StartAsync<OrderSaga, OrderData>(Id, new OrderData { Order = new string('o', 262_144) }, Token));
        Assert.Equal((Id, 262_144), (tooLarge.SagaId, tooLarge.MaxDataBytes));
        Assert.Null(await fixture.Catalog.FindAsync("saga", Id, Token));
    }

    [Fact]
    public async Task Step_MakesTheDataTooLarge_IsUndone()
    {
        _script.On("charge", context => context.Data.Order = new string('o', 262_144));
        var backOff = BackOffArmedAsync();
        await StartAsync();
        await backOff;
        fixture.Time.Advance(TimeSpan.FromSeconds(80));

        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(status));
        Assert.StartsWith("SagaDataTooLargeException: ", status.Steps[1].LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compensation_KeepsFailing_IsStuckUntilRetried()
    {
        var isDown = true;
        _script.On("ship", _ => throw new SagaRejectedException("no lorry"));
        _script.On("charge:compensation", _ =>
        {
            if (isDown)
            {
                throw new InvalidOperationException("bank is down");
            }
        });
        var backOff = BackOffArmedAsync();
        await StartAsync();
        await backOff;
        fixture.Time.Advance(TimeSpan.FromSeconds(80));

        var stuck = await EndAsync();
        Assert.Equal("Stuck reserve=Succeeded charge=CompensationFailed ship=Rejected", Show(stuck));
        Assert.Equal(
            "The compensation of step 'charge' failed 2 times: InvalidOperationException: bank is down", stuck.StuckReason);
        Assert.Equal(2, stuck.Steps[1].CompensationAttempts);
        await AssertRowAsync("Stuck", isDue: false);

        isDown = false;
        Assert.Equal(SagaPhase.Compensating, (await fixture.Sagas.RetryAsync(Id, Token).Soon()).Phase);
        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Rejected", Show(await EndAsync()));
        Assert.Equal("charge:compensation#3", _script.Calls[^2]);
    }

    [Fact]
    public async Task Activation_LostDuringAStep_IsResumedByTheWakeUp()
    {
        var (begun, cancelled) = _script.HangUntilCancelled("charge");
        await StartAsync();
        await begun.Soon();

        await fixture.Cluster.DeactivateAsync(Grain).Soon();
        await cancelled.Soon();
        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(await fixture.Sagas.GetStatusAsync(Id, Token).Soon()));
        fixture.AdvancePastRecovery();

        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge#2", "ship#1"], _script.Calls);
    }

    [Fact]
    public async Task Activation_LostDuringTheBackOff_IsResumedByTheWakeUp()
    {
        _script.On("charge", context =>
        {
            if (context.Attempt == 1)
            {
                throw new InvalidOperationException("no answer");
            }
        });
        var backOff = BackOffArmedAsync();
        await StartAsync();
        await backOff;

        await fixture.Cluster.DeactivateAsync(Grain).Soon();
        fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Wake_OfASagaThatRuns_BeginsNothing()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();

        await Wakeable.WakeAsync().Soon();
        await Wakeable.WakeAsync().Soon();

        Assert.Equal(["reserve#1", "charge#1"], _script.Calls);
        await AssertRowAsync("Running", isDue: true);
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Wake_OfAnEndedSaga_RepairsItsRow()
    {
        await StartAsync();
        var status = await EndAsync();
        await fixture.Catalog.RemoveAsync("saga", Id, long.MaxValue, Token);

        await Wakeable.WakeAsync().Soon();

        await AssertRowAsync("Completed", isDue: false);
        Assert.Equal(status.Revision, (await fixture.Catalog.FindAsync("saga", Id, Token))?.Version);
    }

    [Fact]
    public async Task Wake_OfAStartThatGotNoFurtherThanItsRow_RemovesIt()
    {
        await fixture.Catalog.UpsertAsync(new CatalogEntry { Pattern = "saga", Key = Id, Status = "Running", Version = 0 }, Token);

        await Wakeable.WakeAsync().Soon();

        Assert.Null(await fixture.Catalog.FindAsync("saga", Id, Token));
        await fixture.ChangeRecordAsync(Id, record =>
        {
            // It took the ETag away from a start that may still be under way elsewhere.
            Assert.Equal(1, record.Revision);
            return record;
        });
        await fixture.Cluster.DeactivateAsync(Grain).Soon();
        await StartAsync();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Version_NoLongerRegistered_ParksWithBothNames()
    {
        await fixture.ChangeRecordAsync(Id, _ => new SagaRecord
        {
            Definition = "order",
            Version = 7,
            DataJson = "{}",
            Phase = SagaPhase.Running,
            Steps = [CutOffCharge],
            Revision = 3,
        });

        await Wakeable.WakeAsync().Soon();

        var status = await EndAsync();
        Assert.Equal("Stuck charge=Running", Show(status));
        Assert.StartsWith("Version 7 of saga definition 'order' is not registered", status.StuckReason, StringComparison.Ordinal);
        Assert.Empty(_script.Calls);
        Assert.Equal(SagaPhase.Stuck, (await fixture.Sagas.RetryAsync(Id, Token).Soon()).Phase);
    }

    [Fact]
    public async Task Version_OlderButRegistered_RunsItsOwnSteps()
    {
        await fixture.ChangeRecordAsync(Id, _ => new SagaRecord
        {
            Definition = "order",
            Version = 1,
            DataJson = "{}",
            Phase = SagaPhase.Running,
            Steps = [CutOffCharge],
            Revision = 1,
        });

        await Wakeable.WakeAsync().Soon();

        Assert.Equal("Completed charge=Succeeded", Show(await EndAsync()));
        Assert.Equal(["charge#2"], _script.Calls);
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreKeptApart()
    {
        string[] endings = ["2a", "02a", "2A", "123", "0123", "a+b", "{6f9619ff-8b86-d011-b42d-00cf4fc964ff}"];
        foreach (var id in endings)
        {
            _ = new SagaScript(id);
            await fixture.Sagas.StartAsync<OrderSaga, OrderData>(id, new OrderData { Order = id }, Token).Soon();
            await fixture.Sagas.WaitForCompletionAsync(id, Token).Soon();
        }

        foreach (var id in endings)
        {
            await fixture.Cluster.DeactivateAsync(fixture.Cluster.Client.GetSagaGrain(id)).Soon();
            var again = await fixture.Sagas.StartAsync<OrderSaga, OrderData>(id, new OrderData { Order = id }, Token).Soon();
            Assert.Equal((id, SagaPhase.Completed), (again.SagaId, again.Phase));
        }
    }

    [Fact]
    public async Task ReportOfAnEarlierAttempt_IsIgnored()
    {
        var (begun, release) = _script.Hang("charge");
        await StartAsync();
        await begun.Soon();

        await Attempts.CompleteAttemptAsync(
            new SagaAttemptReport { Step = 0, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Failed }).Soon();

        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(await fixture.Sagas.GetStatusAsync(Id, Token).Soon()));
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    private static SagaStepRecord CutOffCharge =>
        new() { Name = "charge", State = SagaStepState.Running, Action = new SagaTally { Begun = 1, IsOpen = true } };

    private ISagaGrain Grain => fixture.Cluster.Client.GetSagaGrain(Id);

    private ISagaAttempts Attempts => Grain.AsReference<ISagaAttempts>();

    private IWakeable Wakeable => Grain.AsReference<IWakeable>();

    private Task<SagaStatus> StartAsync() => fixture.Sagas.StartAsync<OrderSaga, OrderData>(Id, Data, Token).Soon();

    private Task<SagaStatus> EndAsync() => fixture.Sagas.WaitForCompletionAsync(Id, Token).Soon();

    private Task BackOffArmedAsync() => fixture.Time.ArmedAsync(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(80));

    private async Task AssertRowAsync(string status, bool isDue)
    {
        // The row is written after those who wait are told. A report of nothing passes through the grain behind that.
        await Attempts.CompleteAttemptAsync(
            new SagaAttemptReport { Step = -1, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Failed }).Soon();
        var row = await fixture.Catalog.FindAsync("saga", Id, Token);
        Assert.Equal(status, row?.Status);
        Assert.Equal(isDue, row?.WakeIn is not null);
    }

    private static string Show(SagaStatus status) =>
        $"{status.Phase} {string.Join(' ', status.Steps.Select(step => $"{step.Name}={step.State}"))}";

    private sealed class Unregistered : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
        }
    }
}
