using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Endpoint metadata: the endpoint runs once for each key, with these options.</summary>
internal sealed record IdempotentEndpoint(HttpIdempotencyOptions Options)
{
    /// <summary>One call of <c>WithIdempotency</c>. Those of an endpoint's groups come before its own.</summary>
    internal sealed record Settings(Action<HttpIdempotencyOptions>? Configure);

    /// <summary>Runs last of all conventions, around the finished delegate: only there does every kind of result, filters included, show as plain bytes.</summary>
    internal static void Wrap(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } next || endpoint.Metadata.OfType<IdempotentEndpoint>().Any() || HasItsOwnFilter(endpoint))
        {
            return;
        }

        var options = new HttpIdempotencyOptions(endpoint.ApplicationServices.GetRequiredService<IOptions<HttpIdempotencyOptions>>().Value);
        foreach (var settings in endpoint.Metadata.OfType<Settings>())
        {
            settings.Configure?.Invoke(options);
        }

        var idempotency = ActivatorUtilities.CreateInstance<HttpIdempotency>(endpoint.ApplicationServices, options);
        if (endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods is { Count: > 0 } methods && !methods.Any(options.Methods.Contains))
        {
            return;
        }

        var route = endpoint is RouteEndpointBuilder routed ? RouteIdentity.Of(routed.RoutePattern) : endpoint.DisplayName ?? "";
        endpoint.Metadata.Add(new IdempotentEndpoint(options));
        endpoint.RequestDelegate = context => idempotency.InvokeAsync(context, route, next);
    }

    /// <summary>The attribute says more of its action than the convention does, which is for all of them. Outside of MVC nobody would ask it.</summary>
    private static bool HasItsOwnFilter(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<ActionDescriptor>().Any() && endpoint.Metadata.OfType<IdempotentActionAttribute>().Any();
}
