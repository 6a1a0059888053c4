using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>The socket of one side of a <see cref="CutConnection"/>, with the way on which that side is reached. Guarded by the proxy's gate.</summary>
internal sealed class CutEnd(Socket socket, CutWay way)
{
    internal Socket Socket => socket;

    internal CutWay Way => way;

    /// <summary>Something on the way to this side was lost. It must be told before anything else reaches it, but cannot be while the way is cut.</summary>
    internal bool IsBroken { get; set; }

    internal bool IsClosed { get; private set; }

    internal void Close()
    {
        IsClosed = true;
        socket.Dispose();
    }

    internal void Reset()
    {
        if (IsClosed)
        {
            return;
        }

        // Without lingering, the close is a reset: what the kernel still holds is dropped too.
        socket.LingerState = new LingerOption(true, 0);
        Close();
    }
}
