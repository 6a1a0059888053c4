using System.Net;
using System.Net.Sockets;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>One side of a connection on which lines are said and heard.</summary>
internal sealed class LineStream : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    internal LineStream(TcpClient client)
    {
        _client = client;
        _reader = new StreamReader(client.GetStream());
        _writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\n" };
    }

    internal static async Task<LineStream> ConnectAsync(IPEndPoint endPoint)
    {
        var client = new TcpClient();
        await client.ConnectAsync(endPoint, TestContext.Current.CancellationToken);
        return new LineStream(client);
    }

    internal Task SayAsync(string line) => _writer.WriteLineAsync(line);

    /// <summary>The next line. Null: the other side has ended the stream; an <see cref="IOException"/>: it was reset.</summary>
    internal Task<string?> HearAsync() => _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    internal async Task<string?> AskAsync(string line)
    {
        await SayAsync(line);
        return await HearAsync();
    }

    /// <summary>Says that nothing more will be said, and goes on hearing.</summary>
    internal void Finish() => _client.Client.Shutdown(SocketShutdown.Send);

    public void Dispose() => _client.Dispose();
}
