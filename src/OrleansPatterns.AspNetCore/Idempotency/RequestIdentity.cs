using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Whose key it is, and what it stands for.</summary>
internal static class RequestIdentity
{
    /// <summary>Hashed, because user names and routes may be of any length and alphabet.</summary>
    /// <exception cref="InvalidOperationException">The user is authenticated and nothing tells him from others.</exception>
    internal static string Scope(HttpContext context, string route)
    {
        var user = context.User;
        var isAuthenticated = user.Identity?.IsAuthenticated == true;
        using var hash = new LengthPrefixedHash();
        hash.Add(isAuthenticated ? "user" : "anonymous")
            .Add(isAuthenticated ? UserId(user) : "")
            .Add(context.Request.Method)
            .Add(route);
        return $"http:{hash.ToHex()}";
    }

    /// <summary>No headers but the content type: a repetition has new trace ids, dates and often new credentials.</summary>
    internal static string Fingerprint(HttpRequest request, ReadOnlySpan<byte> body)
    {
        using var hash = new LengthPrefixedHash();
        hash.Add(request.Method)
            .Add(request.PathBase.Value)
            .Add(request.Path.Value)
            .Add(request.QueryString.Value)
            .Add(request.ContentType)
            .Add(body);
        return hash.ToHex();
    }

    // The subject before the name: names are for display and may be shared, and one user must never be given another's response.
    private static string UserId(ClaimsPrincipal user) =>
        user.FindFirst(ClaimTypes.NameIdentifier)?.Value
        ?? user.FindFirst("sub")?.Value
        ?? user.Identity?.Name
        ?? throw new InvalidOperationException(
            "The user is authenticated but has no NameIdentifier or 'sub' claim and no name, so idempotency keys of different users cannot be kept apart. "
            + "Map one of them in the authentication handler.");
}
