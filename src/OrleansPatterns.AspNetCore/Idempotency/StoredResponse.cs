using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>A response as it is remembered. Its bytes outlive the process that wrote them, so they begin with the number of their layout.</summary>
internal sealed record StoredResponse(int StatusCode, IReadOnlyDictionary<string, StringValues> Headers, ReadOnlyMemory<byte> Body)
{
    internal const string ReplayedHeader = "Idempotent-Replayed";

    private const byte Layout = 1;
    private const string ContentType = "Content-Type";

    internal static StoredResponse Take(HttpResponse response, ISet<string> replayedHeaders, ReadOnlyMemory<byte> body) =>
        new(
            response.StatusCode,
            response.Headers
                .Where(header => replayedHeaders.Contains(header.Key) || header.Key.Equals(ContentType, StringComparison.OrdinalIgnoreCase))
                .ToDictionary(),
            body);

    /// <summary>The response; <see langword="null"/>: these bytes are none, or one of a newer version.</summary>
    internal static StoredResponse? TryDecode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Span[0] != Layout)
        {
            return null;
        }

        using var stream = new MemoryStream(bytes[sizeof(byte)..].ToArray());
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        var statusCode = reader.ReadInt32();
        var headers = new Dictionary<string, StringValues>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var name = reader.ReadString();
            var values = new string[reader.ReadInt32()];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = reader.ReadString();
            }

            headers[name] = values;
        }

        return new StoredResponse(statusCode, headers, bytes[(sizeof(byte) + (int)stream.Position)..]);
    }

    internal byte[] Encode()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Layout);
        writer.Write(StatusCode);
        writer.Write(Headers.Count);
        foreach (var (name, values) in Headers)
        {
            writer.Write(name);
            writer.Write(values.Count);
            foreach (var value in values)
            {
                writer.Write(value ?? "");
            }
        }

        writer.Write(Body.Span);
        writer.Flush();
        return stream.ToArray();
    }

    internal async Task ReplayAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCode;
        foreach (var (name, values) in Headers)
        {
            response.Headers[name] = values;
        }

        response.Headers[ReplayedHeader] = "true";
        if (!Body.IsEmpty)
        {
            response.ContentLength = Body.Length;
            await response.Body.WriteAsync(Body, context.RequestAborted);
        }
    }
}
