namespace Shop.Checkout;

/// <summary>What the checkout of one order works on.</summary>
internal sealed record CheckoutData
{
    public required string OrderId { get; init; }

    public required string Sku { get; init; }

    public required int Quantity { get; init; }

    public required decimal Amount { get; init; }
}
