using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

/// <summary>What operators see of services. To act, <see cref="IServiceRegistry.OverrideStatusAsync"/>.</summary>
/// <remarks>What services there are is listed by <see cref="Catalog.ICatalogSearch"/>, under the pattern <c>service</c>.</remarks>
public interface IServiceOperations
{
    /// <summary>The instances of a service, when each was last heard of, and who says what of them.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer.</exception>
    Task<ServiceStatus> GetStatusAsync(string service, CancellationToken cancellationToken = default);
}
