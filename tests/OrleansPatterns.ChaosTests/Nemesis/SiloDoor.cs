using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>Where a silo is reached by the others. Each of them has a way of its own to it, which can be cut by itself.</summary>
/// <remarks>
/// Two silos keep a connection from each side, and either does for both directions. So they are apart only when both connections are cut, and those of
/// one silo must be told from those of another: by whose process the calling port is.
/// </remarks>
internal sealed class SiloDoor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<int, CutProxy> _ways = [];
    private readonly IPEndPoint _target;
    private readonly Func<int, int> _callerAt;
    private readonly Task _accepting;

    /// <param name="target">Where the silo listens.</param>
    /// <param name="callerAt">Which silo has a local port.</param>
    internal SiloDoor(IPEndPoint target, Func<int, int> callerAt)
    {
        (_target, _callerAt) = (target, callerAt);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    /// <summary>Where the others are to connect.</summary>
    internal IPEndPoint EndPoint { get; }

    /// <summary>The way from another silo.</summary>
    internal CutProxy From(int silo)
    {
        lock (_ways)
        {
            return _ways.TryGetValue(silo, out var way) ? way : _ways[silo] = new CutProxy(_target);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var way in _ways.Values)
        {
            await way.DisposeAsync();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync();
                From(_callerAt(((IPEndPoint)caller.RemoteEndPoint!).Port)).Take(caller);
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Stopped: while it waited, or between two callers.
        }
    }
}
