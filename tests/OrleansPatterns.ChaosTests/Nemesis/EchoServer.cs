using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>Says every line back, and keeps in order what it has heard.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<LineStream> _accepted = Channel.CreateUnbounded<LineStream>();
    private readonly Channel<string?> _heard = Channel.CreateUnbounded<string?>();
    private readonly Task _accepting;

    internal EchoServer()
    {
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    internal IPEndPoint EndPoint { get; }

    internal Task<LineStream> AcceptedAsync() => NextAsync(_accepted);

    /// <summary>What was heard next on any stream. Null: a stream has ended.</summary>
    internal Task<string?> HeardAsync() => NextAsync(_heard);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private static Task<T> NextAsync<T>(Channel<T> channel) =>
        channel.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    private async Task AcceptAsync()
    {
        List<Task> echoing = [];
        try
        {
            while (true)
            {
                var stream = new LineStream(await _listener.AcceptTcpClientAsync());
                _accepted.Writer.TryWrite(stream);
                echoing.Add(EchoAsync(stream));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Stopped: while it waited, or between two callers.
        }

        await Task.WhenAll(echoing);
    }

    private async Task EchoAsync(LineStream stream)
    {
        using var _ = stream;
        try
        {
            while (await stream.HearAsync() is { } line)
            {
                _heard.Writer.TryWrite(line);
                await stream.SayAsync(line);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Reset, which is an end too.
        }

        _heard.Writer.TryWrite(null);
    }
}
