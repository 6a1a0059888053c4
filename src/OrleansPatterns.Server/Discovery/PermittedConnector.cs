using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.Server.Discovery;

/// <summary>The one way by which health checks reach the network.</summary>
/// <remarks>
/// It connects to the very addresses that it has judged: a name that resolves to a permitted address when it is registered and to another one later
/// (DNS rebinding) gets nobody past the gate.
/// </remarks>
internal sealed class PermittedConnector(HealthCheckGate gate, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>Connects to the first of the host's permitted addresses that accepts.</summary>
    /// <exception cref="AddressNotPermittedException">None of them is permitted.</exception>
    /// <exception cref="SocketException">The host has no address, or none accepts; the last one's failure.</exception>
    internal async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        // The system's resolver does not always heed the token.
        var resolved = await resolve(target.Host, cancellationToken).WaitAsync(cancellationToken);
        var addresses = Array.ConvertAll(resolved, AllowedNetwork.Unmap);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var permitted = Array.FindAll(addresses, gate.Permits);
        if (permitted.Length == 0)
        {
            throw new AddressNotPermittedException(addresses[0]);
        }

        for (var index = 0; ; index++)
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(permitted[index], target.Port), cancellationToken);
            }
            catch (SocketException) when (index + 1 < permitted.Length)
            {
                // The next one may accept.
            }
        }
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
