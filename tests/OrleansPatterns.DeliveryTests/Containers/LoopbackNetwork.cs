using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>
/// What differs from a network of containers, and nothing else: here all have one address. So the name of the database's container becomes the private
/// server's address, and each process has ports of its own instead of an address of its own.
/// </summary>
/// <param name="postgresPort">Where the private server listens.</param>
internal sealed class LoopbackNetwork(int postgresPort)
{
    private const string ConnectionString = "ConnectionStrings__OrleansPatterns";
    private const string ContainerAddress = "Host=postgres;";
    private const string ContainerUrl = "http://+:8080";

    internal Dictionary<string, string> Translate(IEnumerable<KeyValuePair<string, string>> environment)
    {
        var translated = environment.ToDictionary();
        translated[ConnectionString] = Replace(
            translated[ConnectionString],
            ContainerAddress,
            string.Create(CultureInfo.InvariantCulture, $"Host={IPAddress.Loopback};Port={postgresPort};"));
        var ports = FreePorts(3);
        translated["URLS"] = Replace(translated["URLS"], ContainerUrl, string.Create(CultureInfo.InvariantCulture, $"http://{IPAddress.Loopback}:{ports[0]}"));
        translated["SiloPort"] = ports[1].ToString(CultureInfo.InvariantCulture);
        translated["GatewayPort"] = ports[2].ToString(CultureInfo.InvariantCulture);
        translated["AdvertisedIPAddress"] = IPAddress.Loopback.ToString();
        return translated;
    }

    private static string Replace(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    /// <summary>All are open at the same time, so that they differ.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
