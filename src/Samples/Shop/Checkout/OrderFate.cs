namespace Shop.Checkout;

/// <summary>What the world does with an order: decided by its id alone, so that a retry meets the same fate.</summary>
internal static class OrderFate
{
    public static bool CardIsDeclined(string orderId) => Fate(orderId) is < 6;

    public static bool IsUndeliverable(string orderId) => Fate(orderId) is >= 6 and < 10;

    private static uint Fate(string orderId) => orderId.Aggregate(2166136261u, (hash, character) => (hash ^ character) * 16777619u) % 100;
}
