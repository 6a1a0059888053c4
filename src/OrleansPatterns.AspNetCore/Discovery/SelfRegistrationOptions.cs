using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>How an application registers itself. The options are named: each service that the application is has its own, under the service's name.</summary>
public sealed class SelfRegistrationOptions
{
    /// <summary>The address under which others reach this application, for instance that of a proxy in front of it: <c>https://orders.example.com</c>.</summary>
    /// <value>
    /// Default <see langword="null"/>: what the server listens on. Absolute, http or https, with a port from 1 to 65535, and without query and fragment;
    /// then it is the instance's only address.
    /// </value>
    public Uri? PublicAddress { get; set; }

    /// <summary>The host name or address under which others reach this application, where it listens on all addresses.</summary>
    /// <value>
    /// Default <see langword="null"/>: the machine's name. A host without scheme and port. An address that the server listens on by itself is used as it is.
    /// </value>
    public string? AdvertisedHost { get; set; }

    /// <summary>How long the application still answers after it has said, when it stops, that it takes no new calls.</summary>
    /// <remarks>
    /// Callers are told at once; the time is for those that hold a list of their own, and for calls under way. It counts as part of the host's shutdown
    /// timeout (30 seconds by default) and is cut short by that.
    /// </remarks>
    /// <value>Default 5 seconds. 0 to 5 minutes; 0: it is deregistered at once.</value>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The instance's id.</summary>
    /// <value>Default <see langword="null"/>: a new one at each start. 1 to 512 characters without control characters.</value>
    public string? InstanceId { get; set; }

    /// <summary>Completes the instance: zone, version, tags, metadata, further addresses.</summary>
    /// <value>
    /// Default: leaves it as it is. Its main address is the first that the server listens on, and <see cref="ServiceInstance.Endpoints"/> has the first of
    /// each other scheme under the scheme's name, such as <c>https</c>.
    /// </value>
    public Func<ServiceInstance, ServiceInstance> Describe { get; set; } = static instance => instance;
}
