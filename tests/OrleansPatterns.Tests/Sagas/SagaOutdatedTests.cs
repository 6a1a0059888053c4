using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>An activation that another one has written behind.</summary>
public sealed class SagaOutdatedTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    [Fact]
    public async Task Saga_BegunByAnotherActivation_IsFoundByOneThatSawNone()
    {
        await Assert.ThrowsAsync<SagaNotFoundException>(() => StatusAsync());

        await Fixture.ChangeRecordAsync(Id, _ => Ended(revision: 3));

        Assert.Equal(SagaPhase.Completed, (await StatusAsync()).Phase);
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    /// <summary>Woken by an announcement whose start was paused: it writes that there is none, and the start begins all the same.</summary>
    [Fact]
    public async Task Saga_BegunAfterItsAnnouncementWasTakenBack_IsFound()
    {
        await Wakeable.WakeAsync().Soon();
        await Assert.ThrowsAsync<SagaNotFoundException>(() => StatusAsync());

        await Fixture.ChangeRecordAsync(Id, record => Ended(record.Revision + 3));

        Assert.Equal(SagaPhase.Completed, (await StatusAsync()).Phase);
        Assert.Equal(SagaStartOutcome.Conflict, (await Grain.StartAsync(new SagaStart { Definition = "order", DataJson = """{"Order":"other"}""" }).Soon()).Outcome);
    }

    [Fact]
    public async Task Saga_EndedByAnotherActivation_IsNotShownAsRunningForEver()
    {
        await Fixture.ChangeRecordAsync(Id, _ => Running(revision: 3));
        Assert.Equal(SagaPhase.Running, (await StatusAsync()).Phase);

        await Fixture.ChangeRecordAsync(Id, record => Ended(record.Revision + 1));
        Assert.Equal(SagaPhase.Running, (await StatusAsync()).Phase);
        Time.Advance(new SagaOptions().RecoveryInterval);

        Assert.Equal(SagaPhase.Completed, (await StatusAsync()).Phase);
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    private static SagaRecord Running(long revision) => new()
    {
        Definition = "order",
        Version = 1,
        DataJson = "{}",
        Phase = SagaPhase.Running,
        Steps = [new SagaStepRecord { Name = "charge", State = SagaStepState.Running, Action = new SagaTally { Begun = 1, IsOpen = true } }],
        Revision = revision,
    };

    private static SagaRecord Ended(long revision) => Running(revision) with
    {
        Phase = SagaPhase.Completed,
        Steps = [new SagaStepRecord { Name = "charge", State = SagaStepState.Succeeded, Action = new SagaTally { Begun = 1 } }],
    };
}
