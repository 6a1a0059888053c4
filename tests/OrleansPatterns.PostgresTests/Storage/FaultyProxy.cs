using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace OrleansPatterns.PostgresTests.Storage;

/// <summary>A way to PostgreSQL that can break at a chosen moment: before the server hears a request, or before its answer gets back.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private int _requestsToLose;
    private int _answersToLose;

    internal FaultyProxy(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        _server = new IPEndPoint(IPAddress.Parse(settings.Host!), settings.Port);
        _listener.Start();
        _accepting = AcceptAsync();
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        ConnectionString = settings.ConnectionString;
    }

    internal string ConnectionString { get; }

    /// <summary>The next request that anyone sends is lost with its connection. The server never sees it.</summary>
    internal void LoseNextRequest() => Interlocked.Increment(ref _requestsToLose);

    /// <summary>The next answer is lost with its connection, after the server has done what was asked.</summary>
    internal void LoseNextAnswer() => Interlocked.Increment(ref _answersToLose);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(_server);
            near.NoDelay = far.NoDelay = true;
            await Task.WhenAny(
                PumpAsync(near.GetStream(), far.GetStream(), () => TakeOne(ref _requestsToLose)),
                PumpAsync(far.GetStream(), near.GetStream(), () => TakeOne(ref _answersToLose)));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // The server is away: so is the client's connection.
        }
    }

    private static async Task PumpAsync(NetworkStream from, NetworkStream to, Func<bool> isLost)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var count && !isLost())
            {
                await to.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // One side went, so both go.
        }
    }

    private static bool TakeOne(ref int count)
    {
        while (Volatile.Read(ref count) is > 0 and var seen)
        {
            if (Interlocked.CompareExchange(ref count, seen - 1, seen) == seen)
            {
                return true;
            }
        }

        return false;
    }
}
