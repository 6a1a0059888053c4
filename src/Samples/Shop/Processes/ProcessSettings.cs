using System.Globalization;

namespace Shop.Processes;

/// <summary>What the driver tells a process, through its environment: arguments are visible to every user of the machine, and this has a password.</summary>
internal sealed record ProcessSettings(string Name, string ConnectionString, string ClusterId, int SiloPort, int GatewayPort)
{
    private const string Prefix = "SHOP_";

    public static ProcessSettings FromEnvironment() => new(
        Read("NAME"),
        Read("CONNECTION_STRING"),
        Read("CLUSTER_ID"),
        int.Parse(Read("SILO_PORT"), CultureInfo.InvariantCulture),
        int.Parse(Read("GATEWAY_PORT"), CultureInfo.InvariantCulture));

    public void WriteTo(IDictionary<string, string?> environment)
    {
        environment[Prefix + "NAME"] = Name;
        environment[Prefix + "CONNECTION_STRING"] = ConnectionString;
        environment[Prefix + "CLUSTER_ID"] = ClusterId;
        environment[Prefix + "SILO_PORT"] = SiloPort.ToString(CultureInfo.InvariantCulture);
        environment[Prefix + "GATEWAY_PORT"] = GatewayPort.ToString(CultureInfo.InvariantCulture);
    }

    private static string Read(string name) =>
        Environment.GetEnvironmentVariable(Prefix + name)
        ?? throw new InvalidOperationException($"The environment variable {Prefix}{name} is missing; roles are started by the driver, not by hand.");
}
