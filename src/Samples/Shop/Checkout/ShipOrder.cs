using Npgsql;
using OrleansPatterns.Sagas;
using Shop.Services;

namespace Shop.Checkout;

/// <summary>Hands the parcel over. The last step: nothing comes after it that could fail, so there is nothing to undo it for.</summary>
internal sealed class ShipOrder(NpgsqlDataSource database) : ISagaStep<CheckoutData>
{
    public async Task ExecuteAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken)
    {
        if (OrderFate.IsUndeliverable(context.Data.OrderId))
        {
            throw new SagaRejectedException("No carrier delivers to this address.");
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            "insert into shipments (order_id, sku, quantity) values ($1, $2, $3) on conflict (order_id) do nothing",
            cancellationToken, context.Data.OrderId, context.Data.Sku, context.Data.Quantity);
    }

    public async Task CompensateAsync(SagaStepContext<CheckoutData> context, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync("delete from shipments where order_id = $1", cancellationToken, context.Data.OrderId);
    }
}
