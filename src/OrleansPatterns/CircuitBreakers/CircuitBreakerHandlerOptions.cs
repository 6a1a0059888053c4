using System.Net;
using Polly;
using Polly.Timeout;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a <see cref="CircuitBreakerHandler"/> takes for a failure.</summary>
public sealed class CircuitBreakerHandlerOptions
{
    /// <summary>Which answers and exceptions are failures. A cancellation is judged by <see cref="TimeoutAfter"/> instead.</summary>
    /// <value>Default: <see cref="IsTransient"/>.</value>
    public Func<Outcome<HttpResponseMessage>, bool> ShouldHandle { get; set; } = IsTransient;

    /// <summary>A call that is cancelled after this time or later counts as timed out, and so as a failure; one that is cancelled sooner counts as neither.</summary>
    /// <remarks>
    /// A handler cannot tell <see cref="HttpClient.Timeout"/> from a caller who gives up: both cancel the same token. The same goes for
    /// timeouts of handlers further out, such as the attempt timeout of 10 seconds that the standard resilience handler has: set this below them. The
    /// time is that of one attempt, where a handler further out repeats calls.
    /// </remarks>
    /// <value>
    /// Default <see langword="null"/>: 9 seconds, or nine tenths of the <see cref="HttpClient.Timeout"/> that the client's factory has set, if that is
    /// less. More than zero.
    /// </value>
    public TimeSpan? TimeoutAfter { get; set; }

    /// <summary>5xx, 408 and 429, <see cref="HttpRequestException"/>, and every exception that says that something took too long.</summary>
    /// <param name="outcome">An answer or an exception.</param>
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome.Exception is { } exception
        ? exception is HttpRequestException or TimeoutException or TimeoutRejectedException or OperationCanceledException
        : outcome.Result?.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
}
