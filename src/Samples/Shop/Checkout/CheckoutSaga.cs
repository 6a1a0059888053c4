using OrleansPatterns.Sagas;

namespace Shop.Checkout;

/// <summary>
/// Reserve (under a lock), charge (over HTTP, by discovery and breaker), ship (a grain call); when one says no, those before it are undone in reverse.
/// </summary>
internal sealed class CheckoutSaga : Saga<CheckoutData>
{
    protected override void Define(ISagaBuilder<CheckoutData> saga)
    {
        saga.Version(3).SearchAttribute("sku", data => data.Sku);

        // Enough attempts to outlast a killed silo's locks and a payment instance that has just gone bad.
        var patient = new SagaRetry { MaxAttempts = 12, MaxDelay = TimeSpan.FromSeconds(2) };
        saga.Step<ReserveStock>().Retry(patient);
        saga.Step<ChargePayment>().Retry(patient).RetryCompensation(patient with { RetryOn = static fault => fault is not BankClosedException });

        // Without a compensation it must be known whether it has happened.
        saga.Step<ShipOrder>().Pivot().Retry(new SagaRetry { MaxAttempts = SagaRetry.Unlimited, MaxDelay = TimeSpan.FromSeconds(2) });
    }
}
