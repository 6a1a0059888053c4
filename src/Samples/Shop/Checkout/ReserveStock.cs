using Medallion.Threading;
using OrleansPatterns.Sagas;
using Shop.Services;

namespace Shop.Checkout;

/// <summary>Reserves the article under its lock. The token goes along, so that inventory can refuse us if we were paused and replaced.</summary>
internal sealed class ReserveStock(IDistributedLockProvider locks, ShopCalls calls) : ICompensatableSagaStep<CheckoutData>
{
    public Task ExecuteAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken) =>
        UnderLockAsync(context.Data, calls.ReserveAsync, context.IdempotencyKey, cancellationToken);

    public Task CompensateAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken) =>
        UnderLockAsync(context.Data, calls.ReleaseAsync, context.IdempotencyKey, cancellationToken);

    private async Task UnderLockAsync(
        CheckoutData data,
        Func<Reservation, long, string, CancellationToken, Task> callAsync,
        string idempotencyKey,
        CancellationToken cancellationToken)
    {
        await using var handle = await locks.AcquireLockAsync(data.Sku, cancellationToken: cancellationToken);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, handle.HandleLostToken);
        await callAsync(new Reservation(data.OrderId, data.Sku, data.Quantity), handle.FencingToken, idempotencyKey, held.Token);
    }
}
