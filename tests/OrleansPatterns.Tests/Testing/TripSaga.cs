using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Testing;

/// <summary>Two steps that can be undone, and one that can not. Each is tried three times, a second and more apart.</summary>
internal sealed class TripSaga(TripLedger ledger) : Saga<Trip>
{
    private static readonly SagaRetry ThreeTimes = new() { MaxAttempts = 3, Delay = TimeSpan.FromSeconds(2), MaxDelay = TimeSpan.FromSeconds(4) };

    protected override void Define(ISagaBuilder<Trip> saga)
    {
        saga.Step("flight").Retry(ThreeTimes).RetryCompensation(ThreeTimes)
            .Do((step, _) => ledger.WriteAsync(step, "flight"))
            .Compensate((step, _) => ledger.WriteAsync(step, "no flight"));
        saga.Step("hotel").Retry(ThreeTimes).RetryCompensation(ThreeTimes)
            .Do((step, _) => ledger.WriteAsync(step, "hotel"))
            .Compensate((step, _) => ledger.WriteAsync(step, "no hotel"));
        saga.Step("ticket").Retry(ThreeTimes).Do((step, _) => ledger.WriteAsync(step, "ticket"));
    }
}
