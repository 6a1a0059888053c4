using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A silo and the ways to and from it.</summary>
internal sealed class SiloSlot : IAsyncDisposable
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(200);

    internal SiloSlot(
        int index, string connectionString, string runFolder, TimeSpan clockOffset, Func<int, int> siloAt, TimeProvider time)
    {
        Index = index;
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        ToDatabase = new CutProxy(new IPEndPoint(IPAddress.Parse(database.Host!), database.Port));
        FromSilos = new SiloDoor(new IPEndPoint(IPAddress.Loopback, siloPort), siloAt);
        FromWorkers = new CutProxy(new IPEndPoint(IPAddress.Loopback, gatewayPort));
        database.Port = ToDatabase.EndPoint.Port;
        var logPath = Path.Combine(runFolder, string.Create(CultureInfo.InvariantCulture, $"silo-{index}.log"));
        Dictionary<string, string> settings = new()
        {
            ["ConnectionStrings__OrleansPatterns"] = database.ConnectionString,
            ["ConnectionStrings__Direct"] = connectionString,
            ["SiloPort"] = FromSilos.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
            ["GatewayPort"] = FromWorkers.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
            ["SiloListeningPort"] = siloPort.ToString(CultureInfo.InvariantCulture),
            ["GatewayListeningPort"] = gatewayPort.ToString(CultureInfo.InvariantCulture),
            [SkewedTime.Variable] = clockOffset.ToString("c", CultureInfo.InvariantCulture),
        };
        Slot = new ProcessSlot(_ => ChaosProcess.Start(Program, ChaosSilo.Role, settings, logPath), RestartDelay, time);
    }

    internal int Index { get; }

    /// <summary>The build that the next process is of.</summary>
    internal string Program { get; set; } = ChaosProcess.ThisBuild;

    internal CutProxy ToDatabase { get; }

    internal SiloDoor FromSilos { get; }

    internal CutProxy FromWorkers { get; }

    internal ProcessSlot Slot { get; }

    /// <summary>Asks it to leave in order; nobody takes its place.</summary>
    internal Task LeaveAsync() => Slot.EndAsync(process => process.SignalAsync("TERM"));

    public async ValueTask DisposeAsync()
    {
        await Slot.DisposeAsync();
        await ToDatabase.DisposeAsync();
        await FromSilos.DisposeAsync();
        await FromWorkers.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
