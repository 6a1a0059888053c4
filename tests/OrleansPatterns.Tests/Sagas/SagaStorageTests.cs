using Orleans.Storage;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>An activation that has been replaced without knowing it: the test writes the row as its successor would.</summary>
public sealed class SagaStorageTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    [Fact]
    public async Task Outcome_WhoseWriteIsRefused_IsTakenByTheNextActivation()
    {
        var release = await HangInChargeAsync();
        await Fixture.ChangeRecordAsync(Id, record => record with { Revision = record.Revision + 1 });

        var retry = RetryArmedAsync();
        release.SetResult();
        await retry;
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(SagaPhase.Completed, (await Sagas.WaitForCompletionAsync(Id, Token).Soon()).Phase);
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], Script.Calls);
    }

    [Fact]
    public async Task Outcome_WhoseAnswerIsLost_IsTakenOnceAndTheWakeUpGoesOn()
    {
        var release = await HangInChargeAsync();
        await Fixture.ChangeRecordAsync(Id, record => record with
        {
            Revision = record.Revision + 1,
            Steps =
            [
                record.Steps[0],
                record.Steps[1] with { State = SagaStepState.Succeeded, Action = new SagaTally { Begun = 1 } },
                record.Steps[2] with { State = SagaStepState.Running, Action = new SagaTally { Begun = 1, IsOpen = true } },
            ],
        });

        var retry = RetryArmedAsync();
        release.SetResult();
        await retry;
        Fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await Sagas.WaitForCompletionAsync(Id, Token).Soon()).Phase);
        Assert.Equal(["reserve#1", "charge#1", "ship#2"], Script.Calls);
    }

    [Fact]
    public async Task ReplacedActivation_ThatDecides_BeginsNothingAndSendsItsWaitersOff()
    {
        var release = await HangInChargeAsync();
        var grain = Grain;
        var parked = grain.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await grain.GetStatusAsync().Soon();
        await Fixture.ChangeRecordAsync(Id, record => record with
        {
            Revision = record.Revision + 1,
            Phase = SagaPhase.Stuck,
            StuckIn = SagaPhase.Running,
            StuckReason = "by the successor",
        });

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.CancelAsync().Soon());
        Assert.Equal(SagaPhase.Running, (await parked.Soon())?.Phase);
        Assert.Equal("by the successor", (await grain.GetStatusAsync().Soon())?.StuckReason);
        Assert.Equal(["reserve#1", "charge#1"], Script.Calls);
        release.SetResult();
    }

    /// <summary>The start that the removal of an announcement overtakes must not be left without a row.</summary>
    [Fact]
    public async Task Start_AfterItsAnnouncementWasRemoved_AnnouncesItselfAnew()
    {
        var grain = Grain;
        Assert.Null(await grain.GetStatusAsync().Soon());
        await Fixture.ChangeRecordAsync(Id, record => record with { Revision = record.Revision + 1 });

        var (begun, release) = Script.Hang("reserve");
        Assert.Equal(SagaStartOutcome.Started, (await grain.StartAsync(new SagaStart { Definition = "order", DataJson = "{}" }).Soon()).Outcome);
        await begun.Soon();
        await Fixture.Catalog.RemoveAsync("saga", Id, version: 0, Token);
        Assert.Equal(2, (await Fixture.Catalog.FindAsync("saga", Id, Token))?.Version);
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await Sagas.WaitForCompletionAsync(Id, Token).Soon()).Phase);
    }

    [Fact]
    public async Task Start_OfANewSaga_ReadsNothing()
    {
        await StartAsync<OrderSaga>();
        await EndAsync();

        Assert.False(Time.Journal.WasRead(Id));
    }

    [Fact]
    public async Task Start_Again_WhereNothingIsRead_FindsWhatThereIs()
    {
        var (begun, cancelled) = Script.HangUntilCancelled("reserve");
        var first = await StartAsync<OrderSaga>();
        await begun.Soon();
        await CrashAsync();
        await cancelled.Soon();

        await Assert.ThrowsAsync<SagaConflictException>(() => StartAsync<OrderSaga>(data: new OrderData { Order = "another" }));
        Assert.Equal(first.StartedAt, (await StartAsync<OrderSaga>()).StartedAt);
        Fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(["reserve#1", "reserve#2", "charge#1", "ship#1"], Script.Calls);
        await SettledAsync();
        Assert.Equal("Completed", (await RowAsync())?.Status);
    }

    [Fact]
    public async Task Confirm_OfTheOpenAttempt_IsYes()
    {
        var release = await HangInChargeAsync();

        Assert.True(await Attempts.ConfirmAttemptAsync(1, SagaDirection.Action, 1).Soon());
        Assert.False(await Attempts.ConfirmAttemptAsync(1, SagaDirection.Action, 2).Soon());
        Assert.False(await Attempts.ConfirmAttemptAsync(1, SagaDirection.Compensation, 1).Soon());
        Assert.False(await Attempts.ConfirmAttemptAsync(0, SagaDirection.Action, 1).Soon());
        Assert.False(await Attempts.ConfirmAttemptAsync(7, SagaDirection.Action, 1).Soon());
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    /// <summary>A process that was paused asks an activation that was paused with it.</summary>
    [Fact]
    public async Task Confirm_ByAReplacedActivation_IsAnsweredByWhatIsStored()
    {
        var release = await HangInChargeAsync();
        await Fixture.ChangeRecordAsync(Id, record => record with
        {
            Revision = record.Revision + 1,
            Phase = SagaPhase.Stuck,
            StuckIn = SagaPhase.Running,
            StuckReason = "by the successor",
            Steps =
            [
                record.Steps[0],
                record.Steps[1] with { State = SagaStepState.Unknown, Action = new SagaTally { Begun = 1, Lost = 1 } },
                record.Steps[2],
            ],
        });
        Assert.Equal(SagaPhase.Running, (await StatusAsync()).Phase);

        Assert.False(await Attempts.ConfirmAttemptAsync(1, SagaDirection.Action, 1).Soon());

        await SettledAsync();
        Assert.Equal("by the successor", (await StatusAsync()).StuckReason);
        release.SetResult();
    }

    /// <summary>Between the write that begins the attempt and its beginning the process stands still, and a successor begins another one.</summary>
    [Fact]
    public async Task Attempt_AfterAPauseInWhichItWasReplaced_DoesNotBegin()
    {
        var replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Time.Journal.OnceWritten(Id, record => record.Steps[1].Action.IsOpen, async () =>
        {
            await Fixture.ChangeRecordAsync(Id, record => record with
            {
                Revision = record.Revision + 1,
                Steps = [record.Steps[0], record.Steps[1] with { Action = new SagaTally { Begun = 2, Lost = 1, IsOpen = true } }, record.Steps[2]],
            });
            Time.Advance(TimeSpan.FromSeconds(2));
            replaced.SetResult();
        });

        await StartAsync<OrderSaga>();
        await replaced.Task.Soon();
        await CrashAsync();
        Fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(["reserve#1", "charge#3", "ship#1"], Script.Calls);
    }

    /// <summary>One that was only slow is run.</summary>
    [Fact]
    public async Task Attempt_AfterAPause_BeginsWhereItStillCounts()
    {
        Time.Journal.OnceWritten(Id, record => record.Steps[1].Action.IsOpen, () =>
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        });

        await StartAsync<OrderSaga>();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], Script.Calls);
    }

    private async Task<TaskCompletionSource> HangInChargeAsync()
    {
        var (begun, release) = Script.Hang("charge");
        await Sagas.StartAsync<OrderSaga, OrderData>(Id, new OrderData(), Token).Soon();
        await begun.Soon();
        return release;
    }

    /// <summary>The wait before the report of an attempt is sent again: a few milliseconds, unlike any other timer here.</summary>
    private Task RetryArmedAsync() => Time.ArmedAsync(TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(200));
}
