using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaCancelTests(SagaCluster fixture) : SagaTests(fixture), IClassFixture<SagaCluster>
{
    [Fact]
    public async Task Cancel_WhileAStepRuns_AsksItToEndAndUndoesAll()
    {
        var (begun, _) = Script.HangUntilCancelled("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        Assert.True((await Sagas.CancelAsync(Id, Token).Soon()).IsCancelRequested);
        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(status));
        Assert.Equal("It was cancelled.", status.CompensationReason);
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1?", "reserve:compensation#1"], Script.Calls);
    }

    [Fact]
    public async Task Cancel_WhileAStepSucceeds_KnowsThatItHappened()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        await Sagas.CancelAsync(Id, Token).Soon();
        release.SetResult();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1", "reserve:compensation#1"], Script.Calls);
    }

    [Fact]
    public async Task Cancel_DuringTheBackOff_UndoesAtOnce()
    {
        Script.On("charge", _ => throw new InvalidOperationException("no answer"));
        await StartAsync<OrderSaga>();
        await BackingOffAsync();

        await Sagas.CancelAsync(Id, Token).Soon();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge:compensation#1?", "reserve:compensation#1"], Script.Calls);
    }

    [Fact]
    public async Task Cancel_AfterTheAnswerWhileTheRunnerStillWaits_UndoesAtOnce()
    {
        var (begun, release) = Script.Hang("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();
        await Attempts.CompleteAttemptAsync(
            new SagaAttemptReport { Step = 1, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Failed }).Soon();

        await Sagas.CancelAsync(Id, Token).Soon();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(await EndAsync()));
        release.SetResult();
    }

    [Fact]
    public async Task Cancel_Completed_StaysCompleted()
    {
        await StartAsync<OrderSaga>();
        await EndAsync();
        var refused = await Assert.ThrowsAsync<SagaCannotBeCancelledException>(() => Sagas.CancelAsync(Id, Token).Soon());
        Assert.Equal((SagaPhase.Completed, null), (refused.Phase, refused.Pivot));
    }
}
