namespace OrleansPatterns.Discovery;

/// <summary>What the registry answers to Microsoft.Extensions.ServiceDiscovery.</summary>
public sealed class ClusterServiceEndpointOptions
{
    /// <summary>Which names are looked up in the registry. The others are left to the other providers.</summary>
    /// <remarks>
    /// Each name that is looked up is watched until the process ends, and a name that nobody registered is nevertheless asked for: where every
    /// client of an application has service discovery, let no names of the world outside through. IP addresses and <c>localhost</c> are never looked up.
    /// </remarks>
    /// <value>Default: names without a dot.</value>
    public Func<string, bool> ShouldResolve { get; set; } = static name => !name.Contains('.', StringComparison.Ordinal);

    /// <summary>Passes over instances, for instance those without a tag.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public Func<ServiceInstance, bool>? Filter { get; set; }

    /// <summary>For which instances requests carry the service's name, and not the instance's own address, as their <c>Host</c>.</summary>
    /// <remarks>The name is then also the one that a certificate must have.</remarks>
    /// <value>Default: none, as with the providers of Microsoft.Extensions.ServiceDiscovery.</value>
    public Func<ServiceInstance, bool> ShouldApplyHostNameMetadata { get; set; } = static _ => false;
}
