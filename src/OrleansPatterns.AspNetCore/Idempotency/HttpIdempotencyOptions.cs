using Microsoft.AspNetCore.Http;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>How endpoints and actions that run once for each <c>Idempotency-Key</c> treat requests and responses.</summary>
/// <remarks>
/// What is configured for the application holds for all of them; <c>WithIdempotency(options => ...)</c> and <see cref="IdempotentActionAttribute"/>
/// change a copy. Checked when the endpoints are built, and on start with <c>AddHttpIdempotency()</c>.
/// </remarks>
public sealed class HttpIdempotencyOptions
{
    /// <summary>The defaults.</summary>
    public HttpIdempotencyOptions()
    {
    }

    /// <summary>The same values as another's.</summary>
    /// <param name="other">The options to copy.</param>
    public HttpIdempotencyOptions(HttpIdempotencyOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        IsKeyRequired = other.IsKeyRequired;
        WaitForResult = other.WaitForResult;
        OnServerError = other.OnServerError;
        OnAbandoned = other.OnAbandoned;
        Retention = other.Retention;
        MaxRequestBytes = other.MaxRequestBytes;
        MaxResponseBytes = other.MaxResponseBytes;
        ScopeOf = other.ScopeOf;
        Methods = new HashSet<string>(other.Methods, StringComparer.OrdinalIgnoreCase);
        ReplayedHeaders = new HashSet<string>(other.ReplayedHeaders, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The methods that are protected. Requests with another one pass through, so that a whole group of routes can be given options.</summary>
    /// <remarks>PUT and DELETE are idempotent by themselves; add them where a repetition must be given the first response.</remarks>
    /// <value>Default POST and PATCH. Not empty; not GET, HEAD, OPTIONS or TRACE, which change nothing that could be changed twice.</value>
    public ISet<string> Methods { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { HttpMethods.Post, HttpMethods.Patch };

    /// <summary>Whether a request without a key is refused with 400. Otherwise it passes through unprotected; a malformed key is refused all the same.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool IsKeyRequired { get; set; } = true;

    /// <summary>How long a repetition waits for the response of the running request before it is refused with 409.</summary>
    /// <remarks>Instead of <see cref="IdempotencyOptions.WaitForResult"/>, because clients and proxies give up on a silent connection earlier.</remarks>
    /// <value>Default 5 seconds. Zero (refuse at once) to 10 minutes.</value>
    public TimeSpan WaitForResult { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What becomes of a key whose request was answered with 500 or more, or ended in an exception.</summary>
    /// <remarks>
    /// Decides instead of <see cref="IdempotencyOptions.OnFailure"/>. With <see cref="OnFailure.Remember"/> such a response is replayed like any other. Of an exception only the fact is replayed, as 500 problem
    /// details: what the client was sent is made outside of the endpoint. A <see cref="BadHttpRequestException"/> below 500 always frees the key.
    /// </remarks>
    /// <value>Default <see cref="OnFailure.Forget"/>: the key is free, and a repetition runs.</value>
    public OnFailure OnServerError { get; set; } = OnFailure.Forget;

    /// <summary>What becomes of a key whose process died at work.</summary>
    /// <value>Default <see langword="null"/>: as <see cref="IdempotencyOptions.OnAbandoned"/>.</value>
    public OnAbandoned? OnAbandoned { get; set; }

    /// <summary>How long a response is remembered.</summary>
    /// <value>Default <see langword="null"/>: as <see cref="IdempotencyOptions.Retention"/>. At least <see cref="IdempotencyOptions.Lease"/>, at most 366 days.</value>
    public TimeSpan? Retention { get; set; }

    /// <summary>The largest request body, in bytes. It is held in memory, because all of it belongs to the fingerprint.</summary>
    /// <value>Default 1,048,576 (1 MiB). 1 to 67,108,864 (64 MiB).</value>
    public int MaxRequestBytes { get; set; } = 1024 * 1024;

    /// <summary>The largest response that is remembered, in bytes with its headers. It is held in memory until it is recorded.</summary>
    /// <value>Default <see langword="null"/>: as <see cref="IdempotencyOptions.MaxResultBytes"/>. 1 to 8,388,608 (8 MiB).</value>
    public int? MaxResponseBytes { get; set; }

    /// <summary>Whose keys these are, beside the authenticated user's: a tenant, or the caller where requests are not authenticated by ASP.NET Core.</summary>
    /// <remarks>Asked once for each request with a key. What it throws goes to the application's exception handling, and nothing has changed.</remarks>
    /// <value>Default <see langword="null"/>: nobody's. It may answer <see langword="null"/>, which is an owner of its own.</value>
    public Func<HttpContext, string?>? ScopeOf { get; set; }

    /// <summary>The response headers, beside <c>Content-Type</c>, that are remembered and replayed.</summary>
    /// <remarks>
    /// Refused are headers that sign somebody in or prove who he is (<c>Set-Cookie</c>, <c>Authorization</c>, <c>WWW-Authenticate</c>,
    /// <c>Authentication-Info</c>, all <c>Proxy-</c>), that belong to one message, connection or trace (<c>Connection</c>, <c>Content-Length</c>,
    /// <c>Date</c>, <c>Idempotent-Replayed</c>, <c>Keep-Alive</c>, <c>TE</c>, <c>traceparent</c>, <c>tracestate</c>, <c>Trailer</c>,
    /// <c>Transfer-Encoding</c>, <c>Upgrade</c>), and <c>Retry-After</c>: a remembered response stays the same however long the client waits.
    /// </remarks>
    /// <value>
    /// Default <c>Cache-Control</c>, <c>Content-Disposition</c>, <c>Content-Encoding</c>, <c>Content-Language</c>, <c>ETag</c>,
    /// <c>Last-Modified</c>, <c>Link</c>, <c>Location</c>, <c>Vary</c>.
    /// </value>
    public ISet<string> ReplayedHeaders { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "ETag", "Last-Modified", "Link", "Location", "Vary",
    };

    /// <summary>What the store is asked with.</summary>
    internal IdempotencyOptions Over(IdempotencyOptions configured) => new(configured)
    {
        WaitForResult = WaitForResult,
        OnAbandoned = OnAbandoned ?? configured.OnAbandoned,
        Retention = Retention ?? configured.Retention,
        MaxResultBytes = MaxResponseBytes ?? configured.MaxResultBytes,
    };
}
