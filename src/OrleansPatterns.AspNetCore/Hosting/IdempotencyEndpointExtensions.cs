using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Idempotency;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Makes endpoints idempotent by the <c>Idempotency-Key</c> header.</summary>
public static class IdempotencyEndpointExtensions
{
    /// <summary>
    /// Runs the endpoint once for each <c>Idempotency-Key</c> and answers repetitions with the remembered response, marked with
    /// <c>Idempotent-Replayed: true</c>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Keys are kept apart by caller (the authenticated user; all anonymous callers are one), method and route. Requests are compared by a
    /// SHA-256 over method, path, query, content type and body, so a multipart form, whose boundary is new each time, never equals its repetition.
    /// GET, HEAD, OPTIONS and TRACE pass through, so that it can be put on a group of routes.
    /// </para>
    /// <para>
    /// Refusals are problem details: 400 without a usable key, 413 for a body over <see cref="HttpIdempotencyOptions.MaxRequestBytes"/>,
    /// 422 for a key that was used with another request, 409 while another request with the key runs (with <c>Retry-After</c>, after
    /// <c>IdempotencyOptions.WaitForResult</c>) or when the key is parked, 503 when the cluster does not answer or the execution was lost.
    /// </para>
    /// <para>
    /// Responses below 500 are remembered: status, content type, body and <see cref="HttpIdempotencyOptions.ReplayedHeaders"/>. A response of 500
    /// or more, or an exception, frees the key. So does a response over <c>IdempotencyOptions.MaxResultBytes</c>, which is passed on, with a
    /// warning in the log, and not remembered: a repetition then runs the endpoint again.
    /// </para>
    /// <para>
    /// The response is sent when the endpoint has ended and its response is recorded. The endpoint goes on when the client hangs up:
    /// <c>HttpContext.RequestAborted</c> does not fire then, but does when the execution is lost.
    /// </para>
    /// </remarks>
    /// <typeparam name="TBuilder">The endpoint's builder.</typeparam>
    /// <param name="builder">An endpoint or a group.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder WithIdempotency<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Last of all conventions, around the finished delegate: only there does every kind of result, filters included, show as plain bytes.
        builder.Finally(static endpoint =>
        {
            if (endpoint.RequestDelegate is { } next && !endpoint.Metadata.OfType<IdempotentEndpoint>().Any())
            {
                var route = (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "";
                var idempotent = ActivatorUtilities.CreateInstance<IdempotentEndpoint>(endpoint.ApplicationServices, next, route);
                endpoint.Metadata.Add(idempotent);
                endpoint.RequestDelegate = idempotent.InvokeAsync;
            }
        });
        return builder;
    }
}
