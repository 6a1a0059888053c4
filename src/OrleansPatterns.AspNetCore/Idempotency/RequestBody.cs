using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Idempotency;

internal static class RequestBody
{
    /// <summary>A client may announce a large body and never send it; memory is taken for what has come.</summary>
    private const int FirstCapacity = 16 * 1024;

    /// <summary>Reads all of the body into memory; <see langword="null"/>: it is over the limit.</summary>
    /// <exception cref="IOException">It cannot be read to its end.</exception>
    internal static async Task<MemoryStream?> BufferAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var buffered = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, FirstCapacity));
        var chunk = new byte[FirstCapacity];
        while (await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted) is var count and > 0)
        {
            if (buffered.Length + count > maxBytes)
            {
                return null;
            }

            buffered.Write(chunk, 0, count);
        }

        buffered.Position = 0;
        return buffered;
    }
}
