using Microsoft.AspNetCore.Authentication;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>What operators prove themselves by.</summary>
internal sealed class OperatorAuthenticationOptions : AuthenticationSchemeOptions
{
    public string Token { get; set; } = "";
}
