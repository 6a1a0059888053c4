using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// Reserve (a class), charge (lambdas), ship (nothing to undo). Every back-off is 40 to 80 seconds, so that tests can tell it.
/// </summary>
[SagaName("order")]
internal sealed class OrderSaga : Saga<OrderData>
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);

    public static readonly SagaRetry TwoAttempts = new()
    {
        MaxAttempts = 2,
        Delay = TimeSpan.FromSeconds(80),
        MaxDelay = TimeSpan.FromSeconds(80),
    };

    protected override void Define(ISagaBuilder<OrderData> saga)
    {
        saga.Version(2);
        saga.Step<ReserveStock>("reserve").Retry(TwoAttempts).RetryCompensation(TwoAttempts).Timeout(Timeout);
        saga.Step("charge").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync)
            .Retry(TwoAttempts).RetryCompensation(TwoAttempts).Timeout(Timeout);
        saga.Step("ship").Do(SagaScript.RunAsync).Retry(TwoAttempts).Timeout(Timeout);
    }
}
