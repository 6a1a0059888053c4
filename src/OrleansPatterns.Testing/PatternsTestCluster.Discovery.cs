using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    /// <summary>Lets the lease of a service's instance end as if its process had died: it is heard of no more, and time passes until it is Down.</summary>
    /// <remarks>It stays silent until somebody registers the same instance again. Those who watch the service have been told when this returns.</remarks>
    /// <param name="service">The service.</param>
    /// <param name="instanceId">The instance, as in <c>registration.Instance.Id</c>.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <exception cref="InvalidOperationException">There is no such instance, or it is Down already, or the cluster runs on the real clock.</exception>
    /// <exception cref="TimeoutException">It is still not Down, for instance as an operator has decided otherwise.</exception>
    public async Task ExpireInstanceAsync(string service, string instanceId, CancellationToken cancellationToken = default)
    {
        var grain = TestCluster.Client.GetServiceGrain(service);
        _ = Time;
        var instance = await FindAsync();
        if (instance is null or { Status: InstanceStatus.Down })
        {
            throw new InvalidOperationException(
                $"Service '{service}' has no instance '{instanceId}' that is heard of: it is {instance?.Status.ToString() ?? "not listed"}.");
        }

        _parts.Silenced.Silence(service, instanceId);
        var slice = (instance.Lease ?? Service<IOptions<DiscoveryOptions>>().Value.Lease) / 10;
        await AdvanceWhileAsync(LeftAsync, $"instance '{instanceId}' of service '{service}' is Down", cancellationToken);

        // Changes of the same moment are told together, at its end.
        await AdvanceAsync(2 * SmallestStep, cancellationToken);

        async Task<TimeSpan> LeftAsync() => await FindAsync() is { Status: not InstanceStatus.Down } ? slice : TimeSpan.Zero;

        async Task<ServiceInstance?> FindAsync() => (await grain.GetSnapshotAsync()).Instances.FirstOrDefault(listed => listed.Id == instanceId);
    }
}
