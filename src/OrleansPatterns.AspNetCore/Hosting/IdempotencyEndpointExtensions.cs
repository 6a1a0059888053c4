using OrleansPatterns.AspNetCore.Idempotency;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Makes endpoints idempotent by the <c>Idempotency-Key</c> header.</summary>
public static class IdempotencyEndpointExtensions
{
    /// <summary>
    /// Runs POST and PATCH endpoints once for each <c>Idempotency-Key</c> and answers repetitions with the remembered response, marked with
    /// <c>Idempotent-Replayed: true</c>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Keys are kept apart by caller (issuer and subject of the authenticated user; all anonymous callers are one), by
    /// <see cref="HttpIdempotencyOptions.ScopeOf"/>, method and route. Requests are compared by a SHA-256 over method, path, query, content type and
    /// body. For JSON, order of members, white space and notation do not matter; of everything else each byte does, so a multipart form, whose
    /// boundary is new each time, does not equal its repetition. Methods other than <see cref="HttpIdempotencyOptions.Methods"/> pass through.
    /// </para>
    /// <para>
    /// Refusals are problem details whose types, <c>urn:orleanspatterns:idempotency:...</c>, are a contract: 400 <c>key-missing</c>,
    /// <c>key-malformed</c> and <c>request-unreadable</c> (with the status that the server has for it); 413 <c>request-too-large</c>; 422
    /// <c>key-reused</c> for a key that was used with another request, running or done; 409 <c>in-progress</c> with <c>Retry-After</c> when the
    /// running request did not end within <see cref="HttpIdempotencyOptions.WaitForResult"/>, <c>parked</c>, <c>sealed</c> and <c>response-not-kept</c>; 503
    /// <c>cluster-unavailable</c> and <c>execution-lost</c>, both with <c>Retry-After</c>; 500 <c>failed</c> for an exception that
    /// <see cref="HttpIdempotencyOptions.OnServerError"/> has had remembered. They go through the application's <c>IProblemDetailsService</c>, if
    /// there is one.
    /// </para>
    /// <para>
    /// Responses below 500 are remembered: status, content type, body and <see cref="HttpIdempotencyOptions.ReplayedHeaders"/>. A response of 500
    /// or more, or an exception, frees the key (<see cref="HttpIdempotencyOptions.OnServerError"/>). So does, with a warning in the log, what is not
    /// remembered: a response over <see cref="HttpIdempotencyOptions.MaxResponseBytes"/>, one with trailers, and one that is streamed, which is
    /// <c>text/event-stream</c> or says so by <c>IHttpResponseBodyFeature.DisableBuffering()</c>. A repetition then runs the endpoint again.
    /// </para>
    /// <para>
    /// A response is sent when the endpoint has ended and it is recorded. The endpoint goes on when the client hangs up:
    /// <c>HttpContext.RequestAborted</c> does not fire then, but does when the execution is lost or the limit of the request timeouts middleware is
    /// reached. Only a response that is too large or streamed is sent as it is written, and from then on <c>RequestAborted</c> fires as usual.
    /// </para>
    /// </remarks>
    /// <typeparam name="TBuilder">The endpoint's builder.</typeparam>
    /// <param name="builder">An endpoint, a group, or the controllers: <c>app.MapControllers().WithIdempotency()</c>.</param>
    /// <param name="configure">
    /// Changes a copy of the configured options: an endpoint's groups first, from the outermost, then the endpoint itself. <see langword="null"/>
    /// (default): no changes.
    /// </param>
    /// <returns>The same builder.</returns>
    public static TBuilder WithIdempotency<TBuilder>(this TBuilder builder, Action<HttpIdempotencyOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Add(new IdempotentEndpoint.Settings(configure)));
        builder.Finally(IdempotentEndpoint.Wrap);
        return builder;
    }
}
