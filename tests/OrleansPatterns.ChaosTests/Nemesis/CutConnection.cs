using System.Buffers;
using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>One caller's connection through a <see cref="CutProxy"/>.</summary>
/// <remarks>
/// Bytes, ends and resets all travel the same two ways, so a cut keeps back all of them: a side hears of the other side's death only once the way to it is
/// open. What was lost on a way breaks the end that it leads to, and a broken end is reset as soon as its way is open.
/// </remarks>
internal sealed class CutConnection(CutProxy proxy, Socket caller)
{
    private const int BufferBytes = 64 * 1024;
    private const int WasReset = -1;

    private readonly CutEnd _caller = new(caller, proxy.FromTarget);
    private readonly CutEnd _target = new(new Socket(SocketType.Stream, ProtocolType.Tcp), proxy.ToTarget);
    private Task? _forwarding;
    private bool _hasForwarded;

    /// <summary>Completed once nothing of this connection is running any more.</summary>
    internal Task Forwarding => _forwarding ?? Task.CompletedTask;

    /// <summary>Does what the ways now allow. To be called under the gate, at first and after each change.</summary>
    internal void Adapt()
    {
        if (_forwarding is null && !proxy.ToTarget.IsCut)
        {
            _forwarding = Task.Run(ForwardAsync);
        }

        ResetIfTold(_caller);
        ResetIfTold(_target);
        ForgetIfOver();
    }

    /// <summary>Resets both sides, cut or not. To be called under the gate.</summary>
    internal void Drop()
    {
        _caller.Reset();
        _target.Reset();
        _hasForwarded |= _forwarding is null;
        ForgetIfOver();
    }

    private static void ResetIfTold(CutEnd end)
    {
        if (end.IsBroken && !end.Way.IsCut)
        {
            end.Reset();
        }
    }

    private void ForgetIfOver()
    {
        if (_hasForwarded && _caller.IsClosed && _target.IsClosed)
        {
            proxy.Forget(this);
        }
    }

    private async Task ForwardAsync()
    {
        if (await TryConnectAsync())
        {
            await Task.WhenAll(PumpAsync(_caller, _target), PumpAsync(_target, _caller));
        }

        lock (proxy.Gate)
        {
            _hasForwarded = true;
            CloseUnlessBroken(_caller);
            CloseUnlessBroken(_target);
            ForgetIfOver();
        }
    }

    private static void CloseUnlessBroken(CutEnd end)
    {
        if (!end.IsBroken)
        {
            end.Close();
        }
    }

    private async Task<bool> TryConnectAsync()
    {
        try
        {
            if (proxy.Target is { } target)
            {
                caller.NoDelay = _target.Socket.NoDelay = true;
                await _target.Socket.ConnectAsync(target);
                return true;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody is there, as when there is no target.
        }

        Break(_caller);
        return false;
    }

    private async Task PumpAsync(CutEnd from, CutEnd to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int count;
            while ((count = await ReceiveAsync(from, buffer)) > 0)
            {
                if (Passes(to, count, out var whileOpen) && !await TrySendAsync(from, to, buffer.AsMemory(0, count), whileOpen))
                {
                    return;
                }
            }

            if (count == WasReset)
            {
                Break(to);
            }
            else
            {
                Finish(to);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<int> ReceiveAsync(CutEnd from, byte[] buffer)
    {
        try
        {
            return await from.Socket.ReceiveAsync(buffer.AsMemory(0, BufferBytes), SocketFlags.None);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return WasReset;
        }
    }

    private bool Passes(CutEnd to, int count, out CancellationToken whileOpen)
    {
        lock (proxy.Gate)
        {
            if (!to.Way.IsCut)
            {
                whileOpen = to.Way.WhileOpen;
                return true;
            }

            whileOpen = CancellationToken.None;
            Break(to, count);
            return false;
        }
    }

    /// <summary>False: the receiver is gone, and there is nobody left to send to.</summary>
    private async ValueTask<bool> TrySendAsync(CutEnd from, CutEnd to, ReadOnlyMemory<byte> bytes, CancellationToken whileOpen)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await to.Socket.SendAsync(bytes, SocketFlags.None, whileOpen)..];
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            Break(to, bytes.Length);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Break(from);
            return false;
        }
    }

    /// <summary>Passes an orderly end on. The other direction may go on until its own end.</summary>
    private void Finish(CutEnd to)
    {
        lock (proxy.Gate)
        {
            if (to.Way.IsCut)
            {
                Break(to);
                return;
            }

            try
            {
                to.Socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It went first.
            }
        }
    }

    /// <summary>The stream to this end cannot go on. An end that is kept back counts as one byte, as TCP numbers it.</summary>
    private void Break(CutEnd end, int lostBytes = 1)
    {
        lock (proxy.Gate)
        {
            end.IsBroken = true;
            if (end.Way.IsCut)
            {
                proxy.Swallow(lostBytes);
            }

            ResetIfTold(end);
        }
    }
}
