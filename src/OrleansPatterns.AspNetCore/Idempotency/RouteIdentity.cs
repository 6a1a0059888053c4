using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>The operation that a request is for: its route as it was registered.</summary>
internal static class RouteIdentity
{
    internal static string Of(Endpoint? endpoint) =>
        endpoint is RouteEndpoint route ? Of(route.RoutePattern) : endpoint?.DisplayName ?? "";

    /// <summary>Conventional routes of MVC have one text for all actions, <c>{controller}/{action}</c>; then the values they require tell them apart.</summary>
    internal static string Of(RoutePattern pattern) => string.Join(
        ';',
        pattern.RequiredValues
            .Where(required => pattern.GetParameter(required.Key) is not null && required.Value is string { Length: > 0 })
            .OrderBy(required => required.Key, StringComparer.Ordinal)
            .Select(required => $"{required.Key}={required.Value}")
            .Prepend(pattern.RawText));
}
