using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>An activation that has been replaced without knowing it: the test writes the row as its successor would.</summary>
public sealed class SagaStorageTests(SagaCluster fixture) : IClassFixture<SagaCluster>
{
    private readonly SagaScript _script = new($"saga-{Guid.NewGuid():N}");

    private string Id => _script.SagaId;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outcome_WhoseWriteIsRefused_IsTakenByTheNextActivation()
    {
        var release = await HangInChargeAsync();
        await fixture.ChangeRecordAsync(Id, record => record with { Revision = record.Revision + 1 });

        var retry = RetryArmedAsync();
        release.SetResult();
        await retry;
        fixture.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(SagaPhase.Completed, (await fixture.Sagas.WaitForCompletionAsync(Id, Token).Soon()).Phase);
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], _script.Calls);
    }

    [Fact]
    public async Task Outcome_WhoseAnswerIsLost_IsTakenOnceAndTheWakeUpGoesOn()
    {
        var release = await HangInChargeAsync();
        await fixture.ChangeRecordAsync(Id, record => record with
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
        fixture.AdvancePastRecovery();

        Assert.Equal(SagaPhase.Completed, (await fixture.Sagas.WaitForCompletionAsync(Id, Token).Soon()).Phase);
        Assert.Equal(["reserve#1", "charge#1", "ship#2"], _script.Calls);
    }

    [Fact]
    public async Task ReplacedActivation_ThatDecides_BeginsNothingAndSendsItsWaitersOff()
    {
        var release = await HangInChargeAsync();
        var grain = fixture.Cluster.Client.GetSagaGrain(Id);
        var parked = grain.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await grain.GetStatusAsync().Soon();
        await fixture.ChangeRecordAsync(Id, record => record with
        {
            Revision = record.Revision + 1,
            Phase = SagaPhase.Stuck,
            StuckIn = SagaPhase.Running,
            StuckReason = "by the successor",
        });

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.CancelAsync().Soon());
        Assert.Equal(SagaPhase.Running, (await parked.Soon())?.Phase);
        Assert.Equal("by the successor", (await grain.GetStatusAsync().Soon())?.StuckReason);
        Assert.Equal(["reserve#1", "charge#1"], _script.Calls);
        release.SetResult();
    }

    /// <summary>The start that the removal of an announcement overtakes must not be left without a row.</summary>
    [Fact]
    public async Task Start_AfterItsAnnouncementWasRemoved_AnnouncesItselfAnew()
    {
        var grain = fixture.Cluster.Client.GetSagaGrain(Id);
        Assert.Null(await grain.GetStatusAsync().Soon());
        await fixture.ChangeRecordAsync(Id, record => SagaRules.Abandon(record).Record);

        var wish = new SagaStart { Definition = "order", DataJson = "{}" };
        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.StartAsync(wish).Soon());
        Assert.Empty(_script.Calls);

        var (begun, release) = _script.Hang("reserve");
        Assert.Equal(SagaStartOutcome.Started, (await grain.StartAsync(wish).Soon()).Outcome);
        await begun.Soon();
        await fixture.Catalog.RemoveAsync("saga", Id, version: 0, Token);
        Assert.Equal(1, (await fixture.Catalog.FindAsync("saga", Id, Token))?.Version);
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await fixture.Sagas.WaitForCompletionAsync(Id, Token).Soon()).Phase);
    }

    /// <summary>A row as the first release wrote it. Renaming or moving a member, or a type, would lose every running saga.</summary>
    [Fact]
    public void Record_AsFirstStored_IsStillRead()
    {
        const string Stored =
            """
            {"$id":"1","$type":"OrleansPatterns.Server.Sagas.SagaRecord, OrleansPatterns.Server","Definition":"order","Version":2,"DataJson":"{\"Order\":\"o-1\"}","StartDataHash":"AB","Phase":5,"Steps":{"$type":"System.Collections.Immutable.ImmutableArray`1[[OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server]], System.Collections.Immutable","$values":[{"$id":"2","$type":"OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server","Name":"charge","State":8,"Action":{"$id":"3","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server","Begun":2,"Failed":2},"Compensation":{"$id":"4","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server"},"IsOutcomeUnknown":true},{"$id":"5","$type":"OrleansPatterns.Server.Sagas.SagaStepRecord, OrleansPatterns.Server","Name":"ship","State":1,"Action":{"$id":"6","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server"},"Compensation":{"$id":"7","$type":"OrleansPatterns.Server.Sagas.SagaTally, OrleansPatterns.Server","Begun":1,"Lost":1,"IsOpen":true},"LastError":"E: no"}]},"Revision":9,"IsCancelRequested":true,"CompensationReason":"why","StuckReason":"where","StuckIn":2}
            """;
        var record = new SagaRecord
        {
            Definition = "order",
            Version = 2,
            DataJson = """{"Order":"o-1"}""",
            StartDataHash = "AB",
            Phase = SagaPhase.Stuck,
            Steps =
            [
                new SagaStepRecord
                {
                    Name = "charge",
                    State = SagaStepState.CompensationFailed,
                    Action = new SagaTally { Begun = 2, Failed = 2 },
                    IsOutcomeUnknown = true,
                },
                new SagaStepRecord
                {
                    Name = "ship", LastError = "E: no", Compensation = new SagaTally { Begun = 1, Lost = 1, IsOpen = true },
                },
            ],
            Revision = 9,
            IsCancelRequested = true,
            CompensationReason = "why",
            StuckReason = "where",
            StuckIn = SagaPhase.Compensating,
        };
        var serializer = fixture.SiloServices.GetRequiredService<IGrainStorageSerializer>();
        Assert.Equal(Stored, serializer.Serialize(record).ToString());
        var read = serializer.Deserialize<SagaRecord>(BinaryData.FromString(Stored))!;
        Assert.Equal(record.Steps, read.Steps);
        Assert.Equal(record with { Steps = [] }, read with { Steps = [] });
    }

    private async Task<TaskCompletionSource> HangInChargeAsync()
    {
        var (begun, release) = _script.Hang("charge");
        await fixture.Sagas.StartAsync<OrderSaga, OrderData>(Id, new OrderData(), Token).Soon();
        await begun.Soon();
        return release;
    }

    /// <summary>The wait before the report of an attempt is sent again: a few milliseconds, unlike any other timer here.</summary>
    private Task RetryArmedAsync() => fixture.Time.ArmedAsync(TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(200));
}
