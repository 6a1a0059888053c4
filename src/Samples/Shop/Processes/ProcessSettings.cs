using System.Globalization;
using System.Net;

namespace Shop.Processes;

/// <summary>What a process of the shop is told by its environment: arguments are visible to every user of the machine, and this has a password.</summary>
/// <remarks>
/// Names are those of the standalone silo where it has them, so that both are set alike; cluster and service id Orleans reads by itself
/// (<c>Orleans__ClusterId</c>, <c>Orleans__ServiceId</c>), and what to listen on the web server (<c>URLS</c>).
/// </remarks>
/// <param name="Name">What the process is called, in the books too.</param>
/// <param name="ConnectionString">The database of the cluster and of the books.</param>
/// <param name="SiloPort">Where other silos connect, if it is one.</param>
/// <param name="GatewayPort">Where Orleans clients connect, if it is a silo.</param>
/// <param name="Address">Under which silos and clients reach it, if it is a silo; <see langword="null"/>: the first of the machine.</param>
/// <param name="IsDriven">Whether a driver has started it, which it is not to outlive.</param>
internal sealed record ProcessSettings(
    string Name, string ConnectionString, int SiloPort, int GatewayPort, IPAddress? Address, bool IsDriven)
{
    private const string RoleVariable = "SHOP_ROLE";
    private const string NameVariable = "SHOP_NAME";
    private const string DrivenVariable = "SHOP_DRIVEN";
    private const string ConnectionStringVariable = "ConnectionStrings__OrleansPatterns";
    private const string AddressVariable = "AdvertisedIPAddress";

    /// <summary>Orleans' usual ports, where nothing is said.</summary>
    private const int UsualSiloPort = 11111;
    private const int UsualGatewayPort = 30000;

    /// <summary>The part that this process plays; <see langword="null"/>: it is the driver.</summary>
    public static string? Role => Read(RoleVariable);

    /// <exception cref="InvalidOperationException">The environment has no connection string.</exception>
    public static ProcessSettings FromEnvironment() => new(
        Read(NameVariable) ?? string.Create(CultureInfo.InvariantCulture, $"{Role}-{Environment.MachineName}-{Environment.ProcessId}"),
        Read(ConnectionStringVariable)
            ?? throw new InvalidOperationException($"The environment variable {ConnectionStringVariable} is missing: an Npgsql connection string."),
        ReadPort(nameof(SiloPort), UsualSiloPort),
        ReadPort(nameof(GatewayPort), UsualGatewayPort),
        Read(AddressVariable) is { } address ? IPAddress.Parse(address) : null,
        Read(DrivenVariable) is { } driven && bool.Parse(driven));

    public void WriteTo(IDictionary<string, string?> environment, string role)
    {
        environment[RoleVariable] = role;
        environment[NameVariable] = Name;
        environment[DrivenVariable] = IsDriven.ToString();
        environment[ConnectionStringVariable] = ConnectionString;
        environment[nameof(SiloPort)] = SiloPort.ToString(CultureInfo.InvariantCulture);
        environment[nameof(GatewayPort)] = GatewayPort.ToString(CultureInfo.InvariantCulture);
        environment[AddressVariable] = Address?.ToString();
    }

    private static int ReadPort(string name, int usual) => Read(name) is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : usual;

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
