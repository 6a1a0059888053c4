using Shop.Services;

namespace Shop.Driver;

/// <summary>Draws the orders of a run from its seed.</summary>
internal static class OrderBook
{
    private const int Articles = 12;

    public static IReadOnlyList<Order> Create(ShopOptions options)
    {
        var random = new Random(options.Seed);
        return
        [
            .. Enumerable.Range(1, options.Orders).Select(number =>
            {
                var quantity = random.Next(1, 4);
                var request = new PlaceOrder(
                    $"order-{options.Seed}-{number:D5}", $"article-{random.Next(1, Articles + 1):D2}", quantity, quantity * 9.90m);

                // Three in ten are sent twice or three times at the same moment: the double click, the retrying proxy.
                var copies = random.Next(10) < 3 ? random.Next(2, 4) : 1;
                return new Order(request, copies);
            }),
        ];
    }
}
