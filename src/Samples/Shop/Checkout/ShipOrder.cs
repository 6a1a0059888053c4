using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;

namespace Shop.Checkout;

/// <summary>Hands the parcel to a courier, who is a grain. A parcel that is on its way does not come back: the pivot.</summary>
internal sealed class ShipOrder(IGrainFactory grains) : ISagaStep<CheckoutData>
{
    public async Task ExecuteAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken)
    {
        var courier = grains.GetGrain<ICourierGrain>(context.Data.Sku);
        using var key = IdempotentCall.With(context.IdempotencyKey);
        if (await courier.TakeParcelAsync(context.Data.OrderId, context.Data.Sku, context.Data.Quantity) is { } refusal)
        {
            throw new SagaRejectedException(refusal);
        }
    }
}
