namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>How endpoints with <c>WithIdempotency()</c> treat requests and responses. Checked when the endpoints are built.</summary>
public sealed class HttpIdempotencyOptions
{
    /// <summary>The largest request body, in bytes. It is held in memory, because all of it belongs to the fingerprint.</summary>
    /// <value>Default 1,048,576 (1 MiB). 1 to 67,108,864 (64 MiB).</value>
    public int MaxRequestBytes { get; set; } = 1024 * 1024;

    /// <summary>The response headers, beside <c>Content-Type</c>, that are remembered and replayed.</summary>
    /// <remarks>
    /// <c>Set-Cookie</c> is refused, since a repetition must not sign anybody in, and so are headers that belong to one message or connection:
    /// <c>Connection</c>, <c>Content-Length</c>, <c>Date</c>, <c>Transfer-Encoding</c>.
    /// </remarks>
    /// <value>
    /// Default <c>Cache-Control</c>, <c>Content-Disposition</c>, <c>Content-Encoding</c>, <c>Content-Language</c>, <c>ETag</c>,
    /// <c>Last-Modified</c>, <c>Link</c>, <c>Location</c>, <c>Vary</c>.
    /// </value>
    public ISet<string> ReplayedHeaders { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "ETag", "Last-Modified", "Link", "Location", "Vary",
    };
}
