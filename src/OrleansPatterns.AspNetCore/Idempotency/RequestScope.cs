using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Idempotency;

/// <summary>Whose key it is, and for which operation.</summary>
internal static class RequestScope
{
    /// <summary>Hashed, because user names and routes may be of any length and alphabet.</summary>
    /// <exception cref="InvalidOperationException">The user, or one of his identities, is authenticated and nothing tells him from others.</exception>
    internal static string Of(HttpContext context, string route, string? owner)
    {
        using var hash = new LengthPrefixedHash();
        AddUser(hash, context.User, mustBeNamed: owner is null);
        hash.Add(owner is null ? "nobody" : "owner").Add(owner).Add(HttpMethods.GetCanonicalizedValue(context.Request.Method)).Add(route);
        return $"http:{hash.ToHex()}";
    }

    /// <summary>All authenticated identities, not only the first: that may be an application's, which all of its users have in common.</summary>
    private static void AddUser(LengthPrefixedHash hash, ClaimsPrincipal user, bool mustBeNamed)
    {
        var identities = user.Identities.Where(identity => identity.IsAuthenticated).ToArray();
        var names = identities.Select(NameOf).OfType<(string Issuer, string Subject)>().Distinct().Order().ToArray();
        if (mustBeNamed && identities.Any(identity => NameOf(identity) is null))
        {
            // Also beside one that has a name: it may be the user's own, and the other one a gateway's.
            throw new InvalidOperationException(
                "An authenticated identity has no NameIdentifier or 'sub' claim and no name, so idempotency keys of different users cannot be kept apart. "
                + "Map one of them in the authentication handler, or set HttpIdempotencyOptions.ScopeOf.");
        }

        // Anonymous requests come as one user, with no name at all.
        foreach (var (issuer, subject) in names)
        {
            hash.Add("user").Add(issuer).Add(subject);
        }
    }

    // The subject before the name: names are for display and may be shared. With its issuer: two of them may give the same subject to two users.
    private static (string Issuer, string Subject)? NameOf(ClaimsIdentity identity)
    {
        string[] types = [ClaimTypes.NameIdentifier, "sub", identity.NameClaimType];
        return types.Select(identity.FindFirst).FirstOrDefault(claim => !string.IsNullOrEmpty(claim?.Value)) is { } claim ? (claim.Issuer, claim.Value)
            : string.IsNullOrEmpty(identity.Name) ? null
            : ("", identity.Name);
    }
}
