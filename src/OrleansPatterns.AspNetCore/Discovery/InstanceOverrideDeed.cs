using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <param name="Service">The service.</param>
/// <param name="Instance">The instance.</param>
/// <param name="Status">What it counts as from now on.</param>
/// <param name="Reason">Why.</param>
internal sealed record InstanceOverrideDeed(string Service, string Instance, InstanceStatus Status, string Reason) : Deed(Reason)
{
    internal override string Target => $"{Service}, instance {Instance} ({Status})";
}
