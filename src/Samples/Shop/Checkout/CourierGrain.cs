using Npgsql;
using Shop.Services;

namespace Shop.Checkout;

/// <summary>Writes the parcels that it takes into the books.</summary>
[GrainType("shop.courier")]
internal sealed class CourierGrain(NpgsqlDataSource database) : Grain, ICourierGrain
{
    public async Task<string?> TakeParcelAsync(string orderId, string sku, int quantity)
    {
        if (OrderFate.IsUndeliverable(orderId))
        {
            return "No carrier delivers to this address.";
        }

        await using var connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "insert into shipments (order_id, sku, quantity) values ($1, $2, $3) on conflict (order_id) do nothing",
            CancellationToken.None, orderId, sku, quantity);
        return null;
    }
}
