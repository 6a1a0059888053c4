using OrleansPatterns.AspNetCore.Management;

namespace OrleansPatterns.AspNetCore.CircuitBreakers;

/// <param name="Name">The dependency.</param>
/// <param name="Reason">Why.</param>
internal sealed record BreakerDeed(string Name, string Reason) : Deed(Reason)
{
    internal override string Target => Name;
}
