namespace Shop.Processes;

/// <summary>The parts that a process of the shop can play, and the service names under which they register.</summary>
internal static class Roles
{
    /// <summary>A silo with the sagas, which serves the order API and the console.</summary>
    public const string Orders = "orders";

    public const string Inventory = "inventory";
    public const string Payment = "payment";

    /// <summary>Sends an order each second. It registers nothing: nobody calls it.</summary>
    public const string Customers = "customers";
}
