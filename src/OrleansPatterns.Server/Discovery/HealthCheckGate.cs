using System.Net;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Which addresses this silo's health checks may connect to.</summary>
internal sealed class HealthCheckGate(IOptions<HealthCheckOptions> options)
{
    // Validated before anyone gets them.
    private readonly IPNetwork[] _allowed = [.. options.Value.Allow.Select(entry => AllowedNetwork.TryParse(entry)!.Value)];

    /// <summary>No address is permitted, so no checks are made.</summary>
    internal bool IsClosed => _allowed.Length == 0;

    internal bool Permits(IPAddress address)
    {
        var plain = AllowedNetwork.Unmap(address);
        return Array.Exists(_allowed, network => network.Contains(plain));
    }

    /// <summary>Refuses, before anything is registered, a health check that could never be made.</summary>
    /// <remarks>What a host name resolves to is known, and judged, only at each check.</remarks>
    /// <exception cref="ArgumentException">The instance asks for such a check; the message says what to do.</exception>
    internal void CheckRegistration(ServiceInstance instance)
    {
        if (instance.HealthCheck is not { } check)
        {
            return;
        }

        var target = instance.Target(check);
        if (IsClosed)
        {
            throw Fault(
                $"Instance '{instance.Id}' asks for a health check at {target.DnsSafeHost}, and the silos make none: HealthCheckOptions.Allow is empty. "
                + "Add the networks that may be checked, such as 10.0.0.0/8, to it on every silo, or register the instance without a health check.");
        }

        if (check.Kind != HealthCheckKind.Tcp && target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps)
        {
            throw Fault(
                $"Instance '{instance.Id}' asks for a health check of kind {check.Kind} at '{target}'; such a check needs an http or https address. "
                + "Name another of the instance's addresses in EndpointName, or use kind Tcp.");
        }

        if (IPAddress.TryParse(target.DnsSafeHost, out var address) && !Permits(address))
        {
            throw Fault(
                $"Instance '{instance.Id}' asks for a health check at {address}, and HealthCheckOptions.Allow of the silos does not permit that address. "
                + "Add it or its network to Allow on every silo, or register the instance without a health check.");
        }
    }

    private static ArgumentException Fault(string message) => new(message);
}
