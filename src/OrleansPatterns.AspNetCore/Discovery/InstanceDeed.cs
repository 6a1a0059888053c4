using OrleansPatterns.AspNetCore.Management;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <param name="Service">The service.</param>
/// <param name="Instance">The instance.</param>
/// <param name="Reason">Why.</param>
internal sealed record InstanceDeed(string Service, string Instance, string Reason) : Deed(Reason)
{
    internal override string Target => $"{Service}, instance {Instance}";
}
