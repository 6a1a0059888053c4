using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>
/// One token for all operators: programs send it as a bearer token, browsers as the password beside whatever name the operator goes by in logs.
/// </summary>
/// <remarks>Whoever reads the line reads the token: put TLS in front of it. An application of one's own has better ways to know its operators.</remarks>
internal sealed class OperatorAuthentication(
    IOptionsMonitor<OperatorAuthenticationOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<OperatorAuthenticationOptions>(options, logger, encoder)
{
    internal const string Name = "operator";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Basic realm=\"OrleansPatterns\", charset=\"UTF-8\"";
        return Task.CompletedTask;
    }

    private AuthenticateResult Authenticate()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header) || header.Parameter is not { } parameter)
        {
            return AuthenticateResult.NoResult();
        }

        var (name, token) = header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => ("bearer of the token", parameter),
            "BASIC" => NameAndToken(parameter),
            _ => ("", ""),
        };

        // Of hashes, which are of one length, so that the time it takes tells nothing.
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), SHA256.HashData(Encoding.UTF8.GetBytes(Options.Token))))
        {
            return AuthenticateResult.Fail("The token is not the one that Operators:Token says.");
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name.Length > 0 ? name : "operator")], Scheme.Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    private static (string Name, string Token) NameAndToken(string parameter)
    {
        var decoded = new byte[parameter.Length];
        var text = Convert.TryFromBase64String(parameter, decoded, out var length) ? Encoding.UTF8.GetString(decoded, 0, length) : "";
        var end = text.IndexOf(':', StringComparison.Ordinal);
        return end < 0 ? ("", "") : (text[..end], text[(end + 1)..]);
    }
}
