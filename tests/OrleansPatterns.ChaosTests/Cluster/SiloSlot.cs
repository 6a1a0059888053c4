using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using OrleansPatterns.ChaosTests.Nemesis;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>A silo and the ways to and from it. Whenever its process ends, another takes its place, as a service manager would see to it.</summary>
internal sealed class SiloSlot : IAsyncDisposable
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, string> _settings;
    private readonly string _logPath;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private ChaosProcess? _process;

    internal SiloSlot(int index, string connectionString, string runFolder, TimeSpan clockOffset, TimeProvider time)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        ToDatabase = new CutProxy(new IPEndPoint(IPAddress.Parse(database.Host!), database.Port));
        FromSilos = new CutProxy(new IPEndPoint(IPAddress.Loopback, siloPort));
        FromWorkers = new CutProxy(new IPEndPoint(IPAddress.Loopback, gatewayPort));
        database.Port = ToDatabase.EndPoint.Port;
        (_logPath, _time) = (Path.Combine(runFolder, string.Create(CultureInfo.InvariantCulture, $"silo-{index}.log")), time);
        _settings = new(ChaosSettings.Membership)
        {
            ["ConnectionStrings__OrleansPatterns"] = database.ConnectionString,
            ["ConnectionStrings__Direct"] = connectionString,
            ["SiloPort"] = FromSilos.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
            ["GatewayPort"] = FromWorkers.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
            ["SiloListeningPort"] = siloPort.ToString(CultureInfo.InvariantCulture),
            ["GatewayListeningPort"] = gatewayPort.ToString(CultureInfo.InvariantCulture),
            [SkewedTime.Variable] = clockOffset.ToString("c", CultureInfo.InvariantCulture),
        };
    }

    internal CutProxy ToDatabase { get; }

    internal CutProxy FromSilos { get; }

    internal CutProxy FromWorkers { get; }

    /// <summary>How long its place stays empty when its process ends.</summary>
    internal TimeSpan? EmptyFor { get; set; }

    internal void Start() => _running = RunAsync();

    internal void Kill() => _process?.Kill();

    internal Task SignalAsync(string signal) => _process?.SignalAsync(signal) ?? Task.CompletedTask;

    /// <summary>Asks it to leave in order; nobody takes its place.</summary>
    internal async Task LeaveAsync()
    {
        await _ending.CancelAsync();
        await SignalAsync("TERM");
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        Kill();
        await _running;
        await ToDatabase.DisposeAsync();
        await FromSilos.DisposeAsync();
        await FromWorkers.DisposeAsync();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            using var process = ChaosProcess.Start(ChaosSilo.Role, _settings, _logPath);
            _process = process;
            await process.ExitAsync();
            _process = null;
            await Task.Delay(EmptyFor ?? RestartDelay, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            EmptyFor = null;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
