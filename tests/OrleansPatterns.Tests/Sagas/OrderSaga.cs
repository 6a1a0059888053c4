using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// Reserve (a class), charge (lambdas), ship (nothing to undo). Every back-off is 2 to 4 seconds, so that tests can tell it from other timers and it is
/// short enough for one.
/// </summary>
[SagaName("order")]
internal sealed class OrderSaga : Saga<OrderData>
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);

    public static readonly TimeSpan BackOff = TimeSpan.FromSeconds(4);

    public static readonly SagaRetry TwoAttempts = new() { MaxAttempts = 2, Delay = BackOff, MaxDelay = BackOff };

    protected override void Define(ISagaBuilder<OrderData> saga)
    {
        saga.Version(2);
        saga.Step<ReserveStock>("reserve").Retry(TwoAttempts).RetryCompensation(TwoAttempts).Timeout(Timeout);
        saga.Step("charge").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync)
            .Retry(TwoAttempts).RetryCompensation(TwoAttempts).Timeout(Timeout);
        saga.Step("ship").Do(SagaScript.RunAsync).Retry(TwoAttempts).Timeout(Timeout);
    }
}
