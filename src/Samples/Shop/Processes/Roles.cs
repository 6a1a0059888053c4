namespace Shop.Processes;

/// <summary>The parts that a process of the shop can play, and the service names under which they register.</summary>
internal static class Roles
{
    public const string Silo = "silo";
    public const string Inventory = "inventory";
    public const string Payment = "payment";

    /// <summary>The silo processes serve the order API, under this name.</summary>
    public const string Orders = "orders";
}
