using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansPatterns.AspNetCore.Management;

/// <summary>Tells what the console sends from what another site makes the operator's browser send along with its cookies.</summary>
/// <remarks>
/// ASP.NET Core's antiforgery, set up for the console alone, so that neither the application's settings nor its cookies are in the way. A bearer token is
/// proof enough: no browser adds one by itself.
/// </remarks>
internal sealed class RequestProof
{
    private readonly IAntiforgery _antiforgery;

    internal RequestProof(IServiceProvider services)
    {
        var own = new ServiceCollection();
        own.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddLogging().AddAntiforgery(options =>
        {
            options.Cookie.Name = "orleanspatterns-antiforgery";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;
        });
        if (services.GetService<IDataProtectionProvider>() is { } protection)
        {
            // Where the application shares its keys among its processes, one takes what another has given.
            own.AddSingleton(protection);
        }

        _antiforgery = own.BuildServiceProvider().GetRequiredService<IAntiforgery>();
    }

    /// <summary>Gives the console what it proves itself by.</summary>
    internal (string HeaderName, string Token) Give(HttpContext http)
    {
        var tokens = _antiforgery.GetAndStoreTokens(Own(http));
        return (tokens.HeaderName!, tokens.RequestToken!);
    }

    internal async Task<bool> IsGivenAsync(HttpContext http) =>
        http.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        || await _antiforgery.IsRequestValidAsync(Own(http));

    private static DefaultHttpContext Own(HttpContext http) => new(new OwnAntiforgeryFeature(http.Features));
}
