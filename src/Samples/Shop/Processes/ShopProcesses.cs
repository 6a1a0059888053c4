using System.Net;
using System.Net.Sockets;

namespace Shop.Processes;

/// <summary>All processes of one run.</summary>
internal sealed class ShopProcesses : IAsyncDisposable
{
    public const int SiloCount = 3;
    public const int PaymentCount = 2;

    private const int LogLinesShown = 30;
    private const int MaxLineLength = 400;

    private readonly string _connectionString;
    private readonly TimeProvider _time;
    private readonly string _logDirectory = Directory.CreateTempSubdirectory("orleanspatterns-shop-").FullName;
    private readonly List<ShopProcess> _all = [];

    public ShopProcesses(string connectionString, TimeProvider time)
    {
        _connectionString = connectionString;
        _time = time;
    }

    public string ClusterId { get; } = $"shop-{Guid.NewGuid():N}";

    public void StartAll()
    {
        for (var number = 1; number <= SiloCount; number++)
        {
            Start(Roles.Orders, $"silo-{number}");
        }

        Start(Roles.Inventory, "inventory-1");
        for (var number = 1; number <= PaymentCount; number++)
        {
            Start(Roles.Payment, $"payment-{number}");
        }
    }

    public ShopProcess Find(string name) => _all.First(process => process.Name == name);

    /// <summary>What each process wrote last, for a run that went wrong.</summary>
    public async Task WriteLogsAsync(TextWriter writer, CancellationToken cancellationToken)
    {
        foreach (var process in _all)
        {
            foreach (var file in new[] { process.LogFile, process.LogFile + ".err" }.Where(File.Exists))
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(stream);
                var lines = (await reader.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                foreach (var line in lines.TakeLast(LogLinesShown))
                {
                    await writer.WriteLineAsync($"{process.Name}: {line[..Math.Min(line.Length, MaxLineLength)]}".AsMemory(), cancellationToken);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_all.Select(process => process.DisposeAsync().AsTask()));
        Directory.Delete(_logDirectory, recursive: true);
    }

    /// <summary>Two ports that were free a moment ago. Both are held until both are known, so that they differ.</summary>
    private static (int Silo, int Gateway) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private void Start(string role, string name)
    {
        var (siloPort, gatewayPort) = FreePorts();
        var settings = new ProcessSettings(name, _connectionString, siloPort, gatewayPort, IPAddress.Loopback, IsDriven: true);
        _all.Add(ShopProcess.Start(role, settings, ClusterId, _logDirectory, _time));
    }
}
