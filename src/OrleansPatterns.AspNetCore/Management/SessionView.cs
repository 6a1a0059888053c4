namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Who is signed in, and what a browser sends along with actions.</summary>
/// <param name="User">The signed-in user; null: nobody is.</param>
/// <param name="HeaderName">The header that <paramref name="Token"/> goes into.</param>
/// <param name="Token">Proves, together with a cookie, that the console sends the request.</param>
internal sealed record SessionView(string? User, string HeaderName, string Token);
