namespace OrleansPatterns.Discovery;

/// <summary>Registers instances of services and finds them.</summary>
/// <remarks>
/// A process watches each service that it has asked for once: changes are pushed to it, and answers come from its own memory. With the cluster
/// away it goes on answering from the last list it knew. Service names are 1 to 512 characters without control characters, else
/// <see cref="ArgumentException"/>.
/// </remarks>
public interface IServiceRegistry
{
    /// <summary>Registers an instance and keeps it registered until the registration is disposed. When this returns, it is durable and every new reader sees it.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="cancellationToken">Ends the waiting; the instance may be registered until its lease ends.</param>
    /// <exception cref="ArgumentException">Name or instance is not valid.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task<ServiceRegistration> RegisterAsync(string service, ServiceInstance instance, CancellationToken cancellationToken = default);

    /// <summary>Registers an instance at an address, under an id of its own.</summary>
    /// <inheritdoc cref="RegisterAsync(string, ServiceInstance, CancellationToken)"/>
    /// <param name="service">The service's name.</param>
    /// <param name="endpoint">An absolute address.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<ServiceRegistration> RegisterAsync(string service, Uri endpoint, CancellationToken cancellationToken = default);

    /// <summary>Picks an instance by <see cref="DiscoveryOptions.LoadBalancing"/>. The first call for a service waits for its list; later ones never wait.</summary>
    /// <remarks>Who can tell when the call ends takes <see cref="BeginCallAsync"/>: it balances better, and passes over instances that fail.</remarks>
    /// <param name="service">The service's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ServiceNotFoundException">There is no instance to call.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The first list could not be had.</exception>
    ValueTask<ServiceInstance> ResolveAsync(string service, CancellationToken cancellationToken = default);

    /// <summary>Picks an instance among those that pass a filter, or answers <see langword="null"/>.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="filter">Passes over instances, for instance those without a tag; <see langword="null"/> (default): none.</param>
    /// <param name="policy">How to pick; <see langword="null"/> (default): by <see cref="DiscoveryOptions.LoadBalancing"/>.</param>
    /// <param name="key">What <see cref="LoadBalancing.RendezvousHash"/> goes by; <see langword="null"/> (default): nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The first list could not be had.</exception>
    ValueTask<ServiceInstance?> TryResolveAsync(
        string service,
        Func<ServiceInstance, bool>? filter = null,
        LoadBalancing? policy = null,
        string? key = null,
        CancellationToken cancellationToken = default);

    /// <summary>Picks an instance for a call whose end will be told.</summary>
    /// <inheritdoc cref="TryResolveAsync"/>
    /// <exception cref="ServiceNotFoundException">There is no instance to call, or none passed the filter.</exception>
    ValueTask<ServiceCall> BeginCallAsync(
        string service,
        Func<ServiceInstance, bool>? filter = null,
        LoadBalancing? policy = null,
        string? key = null,
        CancellationToken cancellationToken = default);

    /// <summary>The list as this process knows it.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="cancellationToken">Ends the waiting for the first list.</param>
    /// <exception cref="Cluster.ClusterUnavailableException">The first list could not be had.</exception>
    ValueTask<ServiceSnapshot> GetInstancesAsync(string service, CancellationToken cancellationToken = default);

    /// <summary>How long ago the cluster last said, or confirmed, what this process knows of a service; <see langword="null"/>: it knows nothing of it.</summary>
    /// <param name="service">The service's name.</param>
    TimeSpan? GetAge(string service);

    /// <summary>The list as it is now, then after each change. A slow reader skips to the latest.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <exception cref="Cluster.ClusterUnavailableException">The first list could not be had.</exception>
    IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, CancellationToken cancellationToken = default);

    /// <summary>Decides an instance's status by hand, or takes such a decision back.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="instanceId">The instance.</param>
    /// <param name="byHand">What is decided; <see langword="null"/>: the instance's own word holds again.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns><see langword="false"/>: there is no such instance.</returns>
    /// <exception cref="ArgumentException">What is decided is not valid.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">The cluster did not answer.</exception>
    Task<bool> OverrideStatusAsync(string service, string instanceId, InstanceOverride? byHand, CancellationToken cancellationToken = default);
}
