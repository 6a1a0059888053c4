using OrleansPatterns.Sagas;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests.Testing;

public sealed class SagaFaultTests(TripCluster fixture) : IClassFixture<TripCluster>
{
    private readonly string _id = $"trip-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PatternsTestCluster Patterns => fixture.Patterns;

    [Fact]
    public async Task FailStep_Twice_IsTriedAThirdTime()
    {
        using var fault = Patterns.FailStep<TripSaga>("hotel", new HttpRequestException("no answer"), attempts: 2, sagaId: _id);

        var status = await RunAsync();

        Assert.Equal((SagaPhase.Completed, 2), (status.Phase, fault.Count));
        Assert.Equal(["flight#1", "hotel#3", "ticket#1"], fixture.Ledger.Of(_id));
        Assert.Equal("HttpRequestException: no answer", status.Steps[1].LastError);
    }

    [Fact]
    public async Task FailStep_WithARejection_UndoesOnlyWhatWasDoneBefore()
    {
        using var fault = Patterns.FailStep<TripSaga>("hotel", new SagaRejectedException("fully booked"), sagaId: _id);

        var status = await RunAsync();

        Assert.Equal((SagaPhase.Compensated, 1), (status.Phase, fault.Count));
        Assert.Equal(["flight#1", "no flight#1"], fixture.Ledger.Of(_id));
    }

    [Fact]
    public async Task FailStep_AfterItsWork_HasDoneItAndDoesNotKnow()
    {
        using var fault = Patterns.FailStep<TripSaga>("hotel", new TimeoutException("answer lost"), point: SagaFaultPoint.AfterStep, sagaId: _id);

        var status = await RunAsync();

        Assert.Equal((SagaPhase.Compensated, 3), (status.Phase, fault.Count));
        Assert.Equal(["flight#1", "hotel#1", "hotel#2", "hotel#3", "no hotel#1?", "no flight#1"], fixture.Ledger.Of(_id));
        Assert.Equal("{\"Done\":[\"flight\",\"no hotel\",\"no flight\"]}", (await Patterns.TestCluster.Client.GetSagaGrain(_id).GetOutputAsync())?.DataJson);
    }

    [Fact]
    public async Task FailCompensation_KeepsFailing_IsStuckUntilMendedAndRetried()
    {
        using var rejection = Patterns.FailStep<TripSaga>("ticket", new SagaRejectedException("strike"), sagaId: _id);
        using (var fault = Patterns.FailCompensation<TripSaga>("flight", new HttpRequestException("airline is down"), sagaId: _id))
        {
            Assert.Equal((SagaPhase.Stuck, 3), ((await RunAsync()).Phase, fault.Count));
            Assert.Equal(["flight#1", "hotel#1", "no hotel#1"], fixture.Ledger.Of(_id));
        }

        await Patterns.Service<ISagaOperations>().RetryAsync(_id, "ops", "mended", Token);

        Assert.Equal(SagaPhase.Compensated, (await Patterns.AdvanceUntilAsync(Patterns.Sagas.WaitForCompletionAsync(_id, Token), cancellationToken: Token)).Phase);
        Assert.Equal("no flight#4", fixture.Ledger.Of(_id)[^1]);
    }

    [Fact]
    public async Task Fault_OfAnotherSaga_Mended_OrUsedUp_BefallsNobody()
    {
        using var others = Patterns.FailStep<TripSaga>("flight", new SagaRejectedException("no"), sagaId: "another");
        var mended = Patterns.FailStep<TripSaga>("flight", new SagaRejectedException("no"), sagaId: _id);
        mended.Dispose();

        Assert.Equal(SagaPhase.Completed, (await RunAsync()).Phase);
        Assert.Equal((0, 0), (others.Count, mended.Count));
    }

    [Fact]
    public void FailStep_OfWhatThereIsNot_NamesWhatThereIs()
    {
        var noStep = Assert.Throws<ArgumentException>(() => Patterns.FailStep<TripSaga>("hotle", new TimeoutException()));
        Assert.StartsWith("Saga 'TripSaga' has no step 'hotle' with work of its own. It has: flight, hotel, ticket.", noStep.Message, StringComparison.Ordinal);
        var noCompensation = Assert.Throws<ArgumentException>(() => Patterns.FailCompensation<TripSaga>("ticket", new TimeoutException()));
        Assert.StartsWith(
            "Saga 'TripSaga' has no step 'ticket' with a compensation of its own. It has: flight, hotel.", noCompensation.Message, StringComparison.Ordinal);
        var noSaga = Assert.Throws<ArgumentException>(() => Patterns.FailStep<SagaFaultTests>("hotel", new TimeoutException()));
        Assert.StartsWith("The silos have no saga 'SagaFaultTests'.", noSaga.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Patterns.FailStep<TripSaga>("hotel", new TimeoutException(), attempts: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Patterns.FailStep<TripSaga>("hotel", new TimeoutException(), point: SagaFaultPoint.None));
    }

    private Task<SagaStatus> RunAsync() => TripCluster.RunAsync(Patterns, _id);
}
