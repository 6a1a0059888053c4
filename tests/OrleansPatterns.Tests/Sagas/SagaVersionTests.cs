using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaVersionTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    [Fact]
    public async Task Version_NoLongerRegistered_ParksWithBothNames()
    {
        await Fixture.ChangeRecordAsync(Id, _ => new SagaRecord
        {
            Definition = "order",
            Version = 7,
            DataJson = "{}",
            Phase = SagaPhase.Running,
            Steps = [CutOffCharge],
            Revision = 3,
        });

        await Wakeable.WakeAsync().Soon();

        var status = await StatusAsync();
        Assert.Equal("Parked charge=Running", Show(status));
        Assert.Equal((true, false), (status.NeedsOperator, status.HasEnded));
        Assert.StartsWith("Version 7 of saga definition 'order' is not registered", status.StuckReason, StringComparison.Ordinal);
        Assert.Empty(Script.Calls);
        await Assert.ThrowsAsync<SagaInterventionRefusedException>(() => Operations.RetryAsync(Id, "ops", "mended", Token).Soon());
    }

    [Fact]
    public async Task Version_OlderButRegistered_RunsItsOwnSteps()
    {
        await Fixture.ChangeRecordAsync(Id, _ => new SagaRecord
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
        Assert.Equal(["charge#2"], Script.Calls);
    }

    [Fact]
    public async Task Versions_SideBySide_EachRunsItsOwnSteps()
    {
        await ChangeRecordAsync(version: 1);
        var other = new SagaScript($"saga-{Guid.NewGuid():N}");

        await Wakeable.WakeAsync().Soon();
        await StartAsync<OldOrderSaga>(other.SagaId);

        Assert.Equal((1, "Completed charge=Succeeded"), (await EndAsync() is var old ? old.Version : 0, Show(old)));
        var latest = await EndAsync(other.SagaId);
        Assert.Equal((2, "Completed reserve=Succeeded charge=Succeeded ship=Succeeded"), (latest.Version, Show(latest)));
    }

    [Fact]
    public async Task Version_ThatWasMissing_GoesOnByItselfOnceItIsThere()
    {
        await ChangeRecordAsync(version: 7);
        await Wakeable.WakeAsync().Soon();
        Assert.Equal(SagaPhase.Parked, (await StatusAsync()).Phase);
        Assert.Equal(TimeSpan.FromSeconds(30), (await RowAsync())?.WakeIn);
        await CrashAsync();

        // As if the silo that activates it next had version 7.
        await Fixture.ChangeRecordAsync(Id, record => record with { Version = 1 });
        Time.Advance(TimeSpan.FromSeconds(30));
        await WrittenAsync(record => record.Phase == SagaPhase.Completed, "completed");

        var history = await Sagas.GetHistoryAsync(Id, Token).Soon();
        Assert.Equal(
            [SagaEvent.Parked, SagaEvent.Retried, SagaEvent.Lost, SagaEvent.Succeeded, SagaEvent.Ended],
            history.Entries.Select(entry => entry.Event));
        Assert.Null((await StatusAsync()).StuckReason);
    }

    /// <summary>The activation that lacks the definition goes, so that the next wake-up may make one in a silo that has it.</summary>
    [Fact]
    public async Task Version_ThatWasMissing_IsLookedForByAnotherActivation()
    {
        await ChangeRecordAsync(version: 7);
        await Wakeable.WakeAsync().Soon();

        await Fixture.ChangeRecordAsync(Id, record => record with { Version = 1 });
        await Wakeable.WakeAsync().Soon();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Version_StillMissing_IsLookedForAgain()
    {
        await ChangeRecordAsync(version: 7);
        await Wakeable.WakeAsync().Soon();
        await RowAsync();
        var parked = await StatusAsync();

        await Wakeable.WakeAsync().Soon();

        Assert.Equal(TimeSpan.FromSeconds(30), (await RowAsync())?.WakeIn);
        Assert.Equal((SagaPhase.Parked, parked.StuckReason), (await StatusAsync() is var still ? still.Phase : default, still.StuckReason));
    }

    [Fact]
    public async Task Version_Missing_TakesNoSignalAndNotesACancellation()
    {
        await ChangeRecordAsync(version: 7);
        await Wakeable.WakeAsync().Soon();

        var refused = await Assert.ThrowsAsync<SagaSignalRefusedException>(
            () => Sagas.SignalAsync(Id, "approved", new OrderData(), cancellationToken: Token).Soon());
        Assert.Equal(SagaSignalOutcome.UnknownDefinition, refused.Outcome);
        Assert.True((await Sagas.CancelAsync(Id, Token).Soon()).IsCancelRequested);
        await CrashAsync();
        await Fixture.ChangeRecordAsync(Id, record => record with { Version = 1 });
        await Wakeable.WakeAsync().Soon();

        Assert.Equal("It was cancelled.", (await EndAsync()).CompensationReason);
        Assert.Empty(Script.Calls);
    }

    [Fact]
    public async Task Version_WithTheSameStepsInAnotherShape_Parks()
    {
        await ChangeRecordAsync(version: 1, "0123456789abcdef");

        await Wakeable.WakeAsync().Soon();

        var status = await StatusAsync();
        Assert.Equal("Parked charge=Running", Show(status));
        Assert.Equal((true, false), (status.NeedsOperator, status.HasEnded));
        Assert.Contains("this saga began with 0123456789abcdef", status.StuckReason, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(30), (await RowAsync())?.WakeIn);
        Assert.Empty(Script.Calls);
    }

    [Fact]
    public async Task Version_WithOtherSteps_Parks()
    {
        await ChangeRecordAsync(version: 2);

        await Wakeable.WakeAsync().Soon();

        Assert.StartsWith(
            "Version 2 of saga definition 'order' has the steps [reserve, charge, ship], but this saga began with [charge].",
            (await StatusAsync()).StuckReason,
            StringComparison.Ordinal);
    }

    private Task ChangeRecordAsync(int version, string fingerprint = "") => Fixture.ChangeRecordAsync(Id, _ => new SagaRecord
    {
        Definition = "order",
        Version = version,
        Fingerprint = fingerprint,
        DataJson = "{}",
        Phase = SagaPhase.Running,
        Steps = [CutOffCharge],
        Revision = 3,
    });

    private static SagaStepRecord CutOffCharge =>
        new() { Name = "charge", State = SagaStepState.Running, Action = new SagaTally { Begun = 1, IsOpen = true } };
}
