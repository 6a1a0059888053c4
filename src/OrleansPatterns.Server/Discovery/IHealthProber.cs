using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Asks an instance whether it is well.</summary>
internal interface IHealthProber
{
    /// <summary>Makes one check, off the caller's scheduler: a grain may simply await it.</summary>
    /// <returns><see langword="null"/>: it is well. Otherwise the reason why it is not, for people.</returns>
    /// <exception cref="OperationCanceledException">The given token is cancelled. Nothing else is ever thrown.</exception>
    Task<string?> ProbeAsync(ServiceInstance instance, InstanceHealthCheck check, CancellationToken cancellationToken);
}
