using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>The list of one service's instances. Daily work goes through <see cref="IServiceRegistry"/>.</summary>
/// <remarks>
/// Every method may be repeated with the same arguments. Changes of the list are durable before they are answered. A service of more than 500
/// instances has several lists, each with a grain; this one, the first, passes on what belongs to another. It does not pass on heartbeats and watches.
/// While two activations of it exist, for seconds after a failure, the older one may answer from what it knew until its next write.
/// </remarks>
[Alias("OrleansPatterns.IServiceGrain")]
public interface IServiceGrain : IGrainWithStringKey
{
    /// <summary>Adds the instance, or replaces the one with its id, and starts its lease. The same content again only renews the lease.</summary>
    /// <param name="instance">The instance. Without a lease of its own it has 15 seconds, and is removed after 60.</param>
    /// <returns>Where to send heartbeats.</returns>
    /// <exception cref="ArgumentException">The instance is not valid, or asks for a health check that the silos do not allow.</exception>
    [Alias("Register")]
    Task<HeartbeatReply> RegisterAsync(ServiceInstance instance);

    /// <summary>Renews the leases of instances.</summary>
    /// <param name="instanceIds">The instances.</param>
    [Alias("Heartbeat")]
    Task<HeartbeatReply> HeartbeatAsync(ImmutableArray<string> instanceIds);

    /// <summary>Removes an instance; harmless if it is not in the list.</summary>
    /// <param name="instanceId">The instance.</param>
    [Alias("Deregister")]
    Task DeregisterAsync(string instanceId);

    /// <summary>Decides an instance's status by hand, or takes such a decision back.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="byHand">What is decided; <see langword="null"/>: the instance's own word holds again.</param>
    /// <param name="decisionId">The same in each attempt: one that comes late, behind another decision, changes nothing. Empty (default): each counts.</param>
    /// <returns><see langword="false"/>: it is not in the list.</returns>
    /// <exception cref="ArgumentException">What is decided is not valid.</exception>
    [Alias("Override")]
    Task<bool> OverrideAsync(string instanceId, InstanceOverride? byHand, Guid decisionId = default);

    /// <summary>Subscribes for changes, or renews a subscription, and gives this grain's list if the caller's is another one.</summary>
    /// <param name="observer">Is told of changes for a minute after the last call.</param>
    /// <param name="epoch">The epoch of the list that the caller has.</param>
    /// <param name="version">The version of the list that the caller has; -1: none.</param>
    /// <returns>The list, or <see langword="null"/> if the caller's is current.</returns>
    [Alias("Watch")]
    Task<ServiceSnapshot?> WatchAsync(IServiceObserver observer, Guid epoch, long version);

    /// <summary>The whole list as it is now: every registration that was answered before this was asked is in it.</summary>
    [Alias("GetSnapshot")]
    Task<ServiceSnapshot> GetSnapshotAsync();

    /// <summary>The service as an operator sees it.</summary>
    [Alias("GetStatus")]
    Task<ServiceStatus> GetStatusAsync();
}
