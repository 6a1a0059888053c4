using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>A way to a process that can be cut as a network partition cuts it: silently, in one direction or both, and healed again.</summary>
/// <remarks>
/// While a way is cut nothing gets through on it, no end and no reset either; connections stay open and hang, and new ones are accepted but led on only when
/// the way to the target is open. The proxy has then lost what TCP would send again after the partition, so healing resets the connections that lost
/// something; the others go on. Not cut: bytes whose transmission had begun and that the kernel holds already.
/// </remarks>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HashSet<CutConnection> _connections = [];
    private readonly List<(long Bytes, TaskCompletionSource Reached)> _waits = [];
    private readonly Task _accepting;
    private volatile IPEndPoint? _target;
    private long _swallowed;

    internal CutProxy(IPEndPoint? target)
    {
        _target = target;
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    /// <summary>Where the callers are to connect.</summary>
    internal IPEndPoint EndPoint { get; }

    /// <summary>Where new connections lead. Null, as when nobody listens there: callers are reset.</summary>
    internal IPEndPoint? Target
    {
        get => _target;
        set => _target = value;
    }

    internal Cut Cut
    {
        get
        {
            lock (Gate)
            {
                return (ToTarget.IsCut ? Cut.ToTarget : Cut.None)
                    | (FromTarget.IsCut ? Cut.FromTarget : Cut.None);
            }
        }

        set
        {
            lock (Gate)
            {
                ToTarget.IsCut = value.HasFlag(Cut.ToTarget);
                FromTarget.IsCut = value.HasFlag(Cut.FromTarget);
                foreach (var connection in _connections.ToArray())
                {
                    connection.Adapt();
                }
            }
        }
    }

    /// <summary>Guards the ways and the connections' state, so that nothing is lost unnoticed between a cut and its healing.</summary>
    internal Lock Gate { get; } = new();

    internal CutWay ToTarget { get; } = new();

    internal CutWay FromTarget { get; } = new();

    /// <summary>Resets all connections at once, cut or not. New ones are welcome.</summary>
    internal void Drop()
    {
        lock (Gate)
        {
            foreach (var connection in _connections.ToArray())
            {
                connection.Drop();
            }
        }
    }

    /// <summary>Waits until so many bytes have been swallowed since the proxy's start, over all connections and both directions.</summary>
    internal Task SwallowedAsync(long bytes)
    {
        lock (Gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((bytes, reached));
            Swallow(0);
            return reached.Task;
        }
    }

    /// <summary>Counts what was lost. To be called under the gate.</summary>
    internal void Swallow(int bytes)
    {
        _swallowed += bytes;
        foreach (var wait in _waits.FindAll(wait => wait.Bytes <= _swallowed))
        {
            wait.Reached.SetResult();
            _waits.Remove(wait);
        }
    }

    /// <summary>Leads on a caller that was accepted elsewhere.</summary>
    internal void Take(Socket caller)
    {
        lock (Gate)
        {
            var connection = new CutConnection(this, caller);
            _connections.Add(connection);
            connection.Adapt();
        }
    }

    /// <summary>To be called under the gate.</summary>
    internal void Forget(CutConnection connection) => _connections.Remove(connection);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        Task[] forwarding;
        lock (Gate)
        {
            forwarding = [.. _connections.Select(connection => connection.Forwarding)];
            Drop();
        }

        await Task.WhenAll(forwarding);
        ToTarget.Dispose();
        FromTarget.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Take(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Stopped: while it waited, or between two callers.
        }
    }
}
