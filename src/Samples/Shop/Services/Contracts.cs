namespace Shop.Services;

/// <summary>What a customer sends to the order API.</summary>
internal sealed record PlaceOrder(string OrderId, string Sku, int Quantity, decimal Amount);

/// <summary>What the order API answers.</summary>
internal sealed record OrderPlaced(string OrderId, string Outcome);

/// <summary>Reserves stock, or gives back what the order holds.</summary>
internal sealed record Reservation(string OrderId, string Sku, int Quantity);

/// <summary>Charges an order's amount, or gives it back.</summary>
internal sealed record Charge(string OrderId, decimal Amount);

/// <summary>A service's answer: done, or a no that no retry will change.</summary>
internal sealed record Answer(bool Accepted, string? Reason = null);
