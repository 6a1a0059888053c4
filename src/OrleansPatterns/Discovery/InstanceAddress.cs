using System.Net;
using Microsoft.Extensions.ServiceDiscovery;

namespace OrleansPatterns.Discovery;

/// <summary>Which of an instance's addresses answers a question such as <c>https+http://_grpc.orders</c>.</summary>
internal static class InstanceAddress
{
    /// <summary>Whether a host is no service's name, but the address of a machine.</summary>
    internal static bool IsMachine(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);

    /// <summary>The address by name, or else the first scheme's that the instance has, be it its main address or one named like the scheme.</summary>
    /// <returns><see langword="null"/>: it has none that fits.</returns>
    internal static Uri? Of(ServiceInstance instance, ServiceEndpointQuery query)
    {
        if (query.EndpointName is { Length: > 0 } name)
        {
            return Named(instance, name) is { } named && (query.IncludedSchemes.Count == 0 || query.IncludedSchemes.Any(named.HasScheme)) ? named : null;
        }

        if (query.IncludedSchemes.Count == 0)
        {
            return instance.Endpoint;
        }

        foreach (var scheme in query.IncludedSchemes)
        {
            if (instance.Endpoint.HasScheme(scheme))
            {
                return instance.Endpoint;
            }

            if (Named(instance, scheme) is { } named && named.HasScheme(scheme))
            {
                return named;
            }
        }

        return null;
    }

    private static bool HasScheme(this Uri address, string scheme) => address.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Case does not count: the name stood in a host, and <see cref="Uri"/> gives hosts in lower case.</summary>
    private static Uri? Named(ServiceInstance instance, string name)
    {
        foreach (var (candidate, address) in instance.Endpoints)
        {
            if (candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return address;
            }
        }

        return null;
    }
}
