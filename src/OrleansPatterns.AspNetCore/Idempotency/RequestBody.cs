using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Idempotency;

internal static class RequestBody
{
    /// <summary>Reads all of the body into memory; <see langword="null"/>: it is over the limit.</summary>
    internal static async Task<MemoryStream?> BufferAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var buffered = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[16 * 1024];
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
