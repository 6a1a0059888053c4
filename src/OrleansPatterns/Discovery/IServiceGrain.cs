namespace OrleansPatterns.Discovery;

/// <summary>The list of one service's instances. Daily work goes through <see cref="IServiceRegistry"/>.</summary>
/// <remarks>Every method may be repeated with the same arguments. Changes of the list are durable before they are answered.</remarks>
[Alias("OrleansPatterns.IServiceGrain")]
public interface IServiceGrain : IGrainWithStringKey
{
    /// <summary>Adds the instance, or replaces the one with its id, and starts its lease.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="lease">How long it stays without a heartbeat. More than zero, at most 1 hour.</param>
    /// <exception cref="ArgumentException">The instance is not valid.</exception>
    [Alias("Register")]
    Task RegisterAsync(ServiceInstance instance, TimeSpan lease);

    /// <summary>Renews an instance's lease.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <returns><see langword="false"/>: it is not in the list; register it again.</returns>
    [Alias("Heartbeat")]
    Task<bool> HeartbeatAsync(string instanceId);

    /// <summary>Removes an instance; harmless if it is not in the list.</summary>
    /// <param name="instanceId">The instance.</param>
    [Alias("Deregister")]
    Task DeregisterAsync(string instanceId);

    /// <summary>Subscribes for changes, or renews a subscription, and gives the list if the caller's is another one.</summary>
    /// <param name="observer">Is told of changes for a minute after the last call.</param>
    /// <param name="epoch">The epoch of the list that the caller has.</param>
    /// <param name="version">The version of the list that the caller has; -1: none.</param>
    /// <returns>The list, or <see langword="null"/> if the caller's is current.</returns>
    [Alias("Watch")]
    Task<ServiceSnapshot?> WatchAsync(IServiceObserver observer, Guid epoch, long version);

    /// <summary>The list as it is now.</summary>
    [Alias("GetSnapshot")]
    Task<ServiceSnapshot> GetSnapshotAsync();
}
