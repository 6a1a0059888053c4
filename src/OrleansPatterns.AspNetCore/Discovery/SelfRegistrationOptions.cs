using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>How an application registers itself.</summary>
public sealed class SelfRegistrationOptions
{
    /// <summary>The host name or address under which others reach this application, where it listens on all addresses.</summary>
    /// <value>Default <see langword="null"/>: the machine's name. An address that the server listens on by itself is used as it is.</value>
    public string? AdvertisedHost { get; set; }

    /// <summary>The instance's id.</summary>
    /// <value>Default <see langword="null"/>: a new one at each start.</value>
    public string? InstanceId { get; set; }

    /// <summary>Completes the instance: zone, version, metadata.</summary>
    /// <value>Default: leaves it as it is.</value>
    public Func<ServiceInstance, ServiceInstance> Describe { get; set; } = instance => instance;
}
