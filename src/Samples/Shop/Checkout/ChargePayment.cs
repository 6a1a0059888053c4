using OrleansPatterns.Sagas;
using Shop.Services;

namespace Shop.Checkout;

/// <summary>Charges the customer at whichever payment instance is in good health.</summary>
internal sealed class ChargePayment(ShopCalls calls) : ICompensatableSagaStep<CheckoutData>
{
    public Task ExecuteAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken) =>
        calls.ChargeAsync(new Charge(context.Data.OrderId, context.Data.Amount), context.IdempotencyKey, cancellationToken);

    public Task CompensateAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken) =>
        context.Attempt == 1 && OrderFate.BankIsClosed(context.Data.OrderId)
            ? throw new BankClosedException()
            : calls.RefundAsync(new Charge(context.Data.OrderId, context.Data.Amount), context.IdempotencyKey, cancellationToken);
}
