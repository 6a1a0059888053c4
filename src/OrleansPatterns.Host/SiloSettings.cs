using System.Net;
using Orleans.Configuration;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>What is set beside the sections.</summary>
internal sealed class SiloSettings
{
    private const int MaxPort = 65_535;

    private static readonly TimeSpan MinShutdownTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxShutdownTimeout = TimeSpan.FromHours(1);

    /// <summary>Where other silos connect.</summary>
    /// <value>Default 11111. 1 to 65,535.</value>
    public int SiloPort { get; set; } = EndpointOptions.DEFAULT_SILO_PORT;

    /// <summary>Where Orleans clients connect.</summary>
    /// <value>Default 30000. 1 to 65,535.</value>
    public int GatewayPort { get; set; } = EndpointOptions.DEFAULT_GATEWAY_PORT;

    /// <summary>The address under which silos and clients reach this silo.</summary>
    /// <value>Default <see langword="null"/>: the first of the machine that is not loopback.</value>
    public string? AdvertisedIPAddress { get; set; }

    /// <summary>For how long the silo hands over what it has when it is asked to stop. Two seconds later the process has ended, however far it has come.</summary>
    /// <value>Default 25 seconds, which fit into the 30 that Kubernetes waits. 1 second to 1 hour.</value>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(25);

    internal IEnumerable<string> Faults()
    {
        if (SiloPort is < 1 or > MaxPort)
        {
            yield return $"SiloPort is {SiloPort}; it must be 1 to {MaxPort}.";
        }

        if (GatewayPort is < 1 or > MaxPort || GatewayPort == SiloPort)
        {
            yield return $"GatewayPort is {GatewayPort}; it must be 1 to {MaxPort}, and not SiloPort ({SiloPort}).";
        }

        if (!string.IsNullOrEmpty(AdvertisedIPAddress) && !IPAddress.TryParse(AdvertisedIPAddress, out _))
        {
            yield return $"AdvertisedIPAddress is '{AdvertisedIPAddress}'; it must be an IP address.";
        }

        if (ShutdownTimeout < MinShutdownTimeout || ShutdownTimeout > MaxShutdownTimeout)
        {
            yield return $"ShutdownTimeout is {ShutdownTimeout}; it must be {MinShutdownTimeout} to {MaxShutdownTimeout}.";
        }
    }

    internal void ApplyTo(ISiloBuilder silo)
    {
        if (string.IsNullOrEmpty(AdvertisedIPAddress))
        {
            silo.ConfigureEndpoints(SiloPort, GatewayPort);
        }
        else
        {
            silo.ConfigureEndpoints(IPAddress.Parse(AdvertisedIPAddress), SiloPort, GatewayPort);
        }
    }
}
