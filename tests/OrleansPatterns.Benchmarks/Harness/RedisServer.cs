using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace OrleansPatterns.Benchmarks.Harness;

/// <summary>A private Redis server, if one is installed.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    internal const string Missing = "redis-server is not installed";

    /// <summary>The shell ends the server when our end of its input closes, in whatever way we end.</summary>
    private const string StopWhenInputEnds = "\"$@\" >/dev/null & server=$!; echo started; while read -r _; do :; done; kill $server; wait $server";

    private readonly ChildProcess _process;
    private readonly DirectoryInfo _directory;

    private RedisServer(ChildProcess process, DirectoryInfo directory, ConnectionMultiplexer connection) =>
        (_process, _directory, Connection) = (process, directory, connection);

    internal ConnectionMultiplexer Connection { get; }

    /// <summary>Starts a server; <see langword="null"/>: none is installed.</summary>
    /// <param name="isDurable">Whether each command is on disk before it is answered; otherwise nothing ever is.</param>
    internal static async Task<RedisServer?> StartAsync(bool isDurable)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
        if (program is null)
        {
            return null;
        }

        var directory = Directory.CreateTempSubdirectory("orleanspatterns-redis-");
        var port = FreePort();
        var process = ChildProcess.Start(
            "sh", "-c", StopWhenInputEnds, "sh", program, "--port", $"{port}", "--bind", "127.0.0.1", "--dir", directory.FullName, "--save", "",
            "--appendonly", isDurable ? "yes" : "no", "--appendfsync", isDurable ? "always" : "no");
        await process.ReadLineAsync();
        var connection = await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions { EndPoints = { { IPAddress.Loopback, port } }, ConnectRetry = 50, AbortOnConnectFail = false });
        await connection.GetDatabase().PingAsync();
        return new RedisServer(process, directory, connection);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _process.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
