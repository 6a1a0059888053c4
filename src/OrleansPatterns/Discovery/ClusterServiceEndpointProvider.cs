using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ServiceDiscovery;

namespace OrleansPatterns.Discovery;

/// <summary>Answers one question of Microsoft.Extensions.ServiceDiscovery from the registry.</summary>
internal sealed class ClusterServiceEndpointProvider(
    ServiceEndpointQuery query, ServiceEndpointWatch watch, ClusterServiceEndpointOptions options) : IServiceEndpointProvider
{
    public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        // Another provider stands before this one and has answered. No token either: it would keep that one from being polled (dotnet/extensions#7013).
        if (endpoints.Endpoints.Count != 0)
        {
            return;
        }

        var (latest, changed) = await watch.ObserveAsync(cancellationToken);
        endpoints.AddChangeToken(changed);
        foreach (var (instance, address) in Choose(latest))
        {
            endpoints.Endpoints.Add(ServiceEndpoint.Create(new UriEndPoint(address), Features(instance)));
        }
    }

    /// <summary>The watch stays, for the next provider; the tokens are theirs who hold them.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public override string ToString() => "OrleansPatterns";

    /// <summary>
    /// Those that are to be called; while there are none, those that are only suspected. Of these, none with a weight of zero while others have more:
    /// more than that of weights cannot be said to who picks.
    /// </summary>
    private IEnumerable<(ServiceInstance Instance, Uri Address)> Choose(ServiceSnapshot latest)
    {
        var fitting = new List<(ServiceInstance Instance, Uri Address)>();
        foreach (var instance in latest.Instances)
        {
            if (InstanceAddress.Of(instance, query) is { } address && options.Filter?.Invoke(instance) != false)
            {
                fitting.Add((instance, address));
            }
        }

        var callable = fitting.FindAll(static candidate => candidate.Instance.IsAvailable);
        if (callable.Count == 0)
        {
            callable = fitting.FindAll(static candidate => candidate.Instance.IsSuspect);
        }

        return callable.Exists(static candidate => candidate.Instance.Weight > 0)
            ? callable.Where(static candidate => candidate.Instance.Weight > 0)
            : callable;
    }

    private FeatureCollection Features(ServiceInstance instance)
    {
        var feature = new InstanceFeature(instance, query.ServiceName);
        var features = new FeatureCollection();
        features.Set<IServiceEndpointProvider>(this);
        features.Set<IServiceInstanceFeature>(feature);
        if (options.ShouldApplyHostNameMetadata(instance))
        {
            features.Set<IHostNameFeature>(feature);
        }

        return features;
    }
}
