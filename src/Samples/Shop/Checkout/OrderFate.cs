namespace Shop.Checkout;

/// <summary>What the world does with an order: decided by its id alone, so that a retry meets the same fate.</summary>
internal static class OrderFate
{
    /// <summary>Of orders that come while the shop stays open.</summary>
    public const string NightPrefix = "night-";

    public static bool CardIsDeclined(string orderId) => Fate(orderId) is < 6;

    public static bool IsUndeliverable(string orderId) => Fate(orderId) is >= 6 and < 10;

    /// <summary>Its first refund meets a closed bank: it takes an operator to have it tried again.</summary>
    public static bool BankIsClosed(string orderId) => orderId.StartsWith(NightPrefix, StringComparison.Ordinal) && IsUndeliverable(orderId);

    private static uint Fate(string orderId) => orderId.Aggregate(2166136261u, (hash, character) => (hash ^ character) * 16777619u) % 100;
}
