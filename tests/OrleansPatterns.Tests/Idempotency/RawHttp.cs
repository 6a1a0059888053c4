using System.Globalization;
using System.Net.Sockets;
using System.Text;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>HTTP/1.1 byte by byte, for requests that a client library would not send and responses that it would tidy up.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly TcpClient _client;
    private readonly StringBuilder _received = new();

    private RawHttp(TcpClient client) => _client = client;

    public void Dispose() => _client.Dispose();

    internal static string Post(string path, string body, params string[] headers) =>
        $"POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n"
        + string.Concat(headers.Select(header => header + "\r\n")) + "\r\n" + body;

    internal static string Chunked(string path, string chunks, params string[] headers) =>
        $"POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        + string.Concat(headers.Select(header => header + "\r\n")) + "\r\n" + chunks;

    internal static async Task<RawResponse> ExchangeAsync(IdempotencyWebApp app, string request)
    {
        using var raw = await SendAsync(app, request);
        return RawResponse.Parse(await raw.ReadToEndAsync());
    }

    internal static async Task<RawHttp> SendAsync(IdempotencyWebApp app, string request)
    {
        var client = new TcpClient { NoDelay = true };
        await InTime(client.ConnectAsync(app.Address.Host, app.Address.Port));
        await InTime(client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request)).AsTask());
        return new RawHttp(client);
    }

    /// <summary>All that was received up to and with a text, which need not be all that is sent.</summary>
    internal async Task<string> ReadUntilAsync(string text)
    {
        while (!_received.ToString().Contains(text, StringComparison.Ordinal))
        {
            Assert.True(await ReadAsync() > 0, $"The connection ended before '{text}' came, after: {_received}");
        }

        return _received.ToString();
    }

    internal async Task<string> ReadToEndAsync()
    {
        while (await ReadAsync() > 0)
        {
        }

        return _received.ToString();
    }

    /// <summary>Ends the connection as a process that dies does.</summary>
    internal void HangUp()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Close();
    }

    /// <summary>Says that nothing more will be sent, and goes on listening.</summary>
    internal void EndSending() => _client.Client.Shutdown(SocketShutdown.Send);

    private async Task<int> ReadAsync()
    {
        var buffer = new byte[4096];
        var count = await InTime(_client.GetStream().ReadAsync(buffer).AsTask());
        _received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        return count;
    }
}

/// <summary>A response as it stood on the wire; only the framing of chunks is taken off its body.</summary>
internal sealed record RawResponse(string StatusLine, IReadOnlyDictionary<string, string> Headers, string Body)
{
    internal static RawResponse Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"This is no response: '{text}'");
        var lines = text[..end].Split("\r\n");
        var headers = lines[1..].ToDictionary(
            line => line[..line.IndexOf(':', StringComparison.Ordinal)],
            line => line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..],
            StringComparer.OrdinalIgnoreCase);
        var body = text[(end + 4)..];
        return new RawResponse(lines[0], headers, headers.ContainsKey("Transfer-Encoding") ? Dechunk(body) : body);
    }

    private static string Dechunk(string chunks)
    {
        var body = new StringBuilder();
        while (true)
        {
            var end = chunks.IndexOf("\r\n", StringComparison.Ordinal);
            Assert.True(end > 0, $"The body broke off after: {body}");
            var length = int.Parse(chunks[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                return body.ToString();
            }

            body.Append(chunks, end + 2, length);
            chunks = chunks[(end + 2 + length + 2)..];
        }
    }
}
