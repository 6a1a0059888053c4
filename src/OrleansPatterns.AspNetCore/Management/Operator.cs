using Microsoft.AspNetCore.Http;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Who acts, by what the application's authentication says.</summary>
internal static class Operator
{
    /// <summary>The shortest of what the patterns keep of an author.</summary>
    private const int MaxLength = 128;

    /// <summary>The signed-in user; <see langword="null"/>: nobody is.</summary>
    internal static string? NameOf(HttpContext http)
    {
        var user = http.User;
        if (user.Identity is not { IsAuthenticated: true } identity)
        {
            return null;
        }

        var name = string.IsNullOrWhiteSpace(identity.Name) ? user.FindFirst("sub")?.Value : identity.Name;
        return Cut(string.IsNullOrWhiteSpace(name) ? "a signed-in user without a name" : name);
    }

    internal static string Of(HttpContext http) => NameOf(http) ?? Cut($"anonymous at {http.Connection.RemoteIpAddress?.ToString() ?? "an unknown address"}");

    private static string Cut(string name) => Deed.OneLine(name.Length <= MaxLength ? name : name[..MaxLength]);
}
