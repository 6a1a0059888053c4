using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace OrleansPatterns.AspNetCore.Console;

/// <summary>The console: a page and what it consists of, all of it in this assembly.</summary>
internal static class ConsoleAssets
{
    private const string ResourcePrefix = "console/";
    private const string Page = "index.html";

    /// <summary>Nothing but what comes from here, and no script or markup out of data: names are chosen by whoever uses the patterns.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'";

    private static readonly FrozenDictionary<string, Asset> Assets = Read();

    internal static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", ServePage).ExcludeFromDescription();
        group.MapGet("assets/{name}", (HttpContext http, string name) => Serve(http, name)).ExcludeFromDescription();
    }

    /// <summary>The page's addresses are relative, so that it does not matter under which path a proxy shows it: they need the slash at the end.</summary>
    private static IResult ServePage(HttpContext http) => http.Request.Path.Value is [.., '/']
        ? Serve(http, Page)
        : Results.Redirect(UriHelper.BuildRelative(http.Request.PathBase, http.Request.Path.Add("/"), http.Request.QueryString));

    private static IResult Serve(HttpContext http, string name)
    {
        if (!Assets.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        // Asked for each time, and answered with "not modified": a new version is there at once.
        headers.CacheControl = "no-cache";
        return Results.Bytes(asset.Content, asset.ContentType, entityTag: asset.Tag);
    }

    private static FrozenDictionary<string, Asset> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .ToFrozenDictionary(static name => name[ResourcePrefix.Length..], name => Asset.Of(name, assembly), StringComparer.Ordinal);
    }

    private sealed record Asset(byte[] Content, string ContentType, EntityTagHeaderValue Tag)
    {
        internal static Asset Of(string name, Assembly assembly)
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new Asset(content, TypeOf(name), new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\""));
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };
    }
}
