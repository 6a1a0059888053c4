using Shop.Services;

namespace Shop.Driver;

/// <summary>One order, and how many times the impatient customer sends it at once.</summary>
internal sealed record Order(PlaceOrder Request, int Copies);
