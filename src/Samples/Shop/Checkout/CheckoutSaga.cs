using OrleansPatterns.Sagas;

namespace Shop.Checkout;

/// <summary>Reserve, charge, ship; when one says no, those before it are undone in reverse.</summary>
internal sealed class CheckoutSaga : Saga<CheckoutData>
{
    protected override void Define(ISagaBuilder<CheckoutData> saga)
    {
        saga.Version(1);

        // Enough attempts to outlast a killed silo's locks and a payment instance that has just gone bad.
        var patient = new SagaRetry { MaxAttempts = 12, MaxDelay = TimeSpan.FromSeconds(2) };
        saga.Step<ReserveStock>().Retry(patient);
        saga.Step<ChargePayment>().Retry(patient);
        saga.Step<ShipOrder>();
    }
}
