namespace OrleansPatterns.Discovery;

/// <summary>No instance of the service is registered, or none passed the caller's filter.</summary>
/// <param name="service">The service's name.</param>
/// <param name="known">How many instances there are, fit or not.</param>
public sealed class ServiceNotFoundException(string service, int known) : Exception(
    known == 0
        ? $"No instance of service '{service}' is registered. Check that it runs, uses the same ClusterId and ServiceId, and registers under this name."
        : $"Service '{service}' has {known} instances, and none passed the filter.")
{
    /// <summary>The service's name.</summary>
    public string Service { get; } = service;
}
