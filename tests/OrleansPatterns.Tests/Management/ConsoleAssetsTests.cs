using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace OrleansPatterns.Tests.Management;

public sealed partial class ConsoleAssetsTests(MemoryCluster fixture)
{
    private static readonly Assembly Assembly = typeof(OrleansPatternsEndpointExtensions).Assembly;

    public static TheoryData<string> Names { get; } =
        [.. Assembly.GetManifestResourceNames().Where(name => name.StartsWith("console/", StringComparison.Ordinal)).Select(name => name["console/".Length..])];

    [Theory]
    [InlineData("/patterns", "/patterns/")]
    [InlineData("/patterns?x=1", "/patterns/?x=1")]
    public async Task PageWithoutItsSlash_LeadsToIt(string path, string expected)
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        using var response = await app.GetAsync(path);
        Assert.Equal((HttpStatusCode.Found, expected), (response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Page_AllowsNothingButWhatComesFromHere()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        using var response = await app.GetAsync("/patterns/");
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'; require-trusted-types-for 'script'",
            response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Asset_IsServedOnce_UntilItChanges(string name)
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        using var first = await app.GetAsync($"/patterns/assets/{name}");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.NotEqual("application/octet-stream", first.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/patterns/assets/{name}");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await app.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    /// <summary>The browser would refuse it, but only then.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Asset_LoadsNothingFromElsewhere_AndMakesNoMarkupOfText(string name)
    {
        using var stream = Assembly.GetManifestResourceStream($"console/{name}")!;
        using var reader = new StreamReader(stream);
        Assert.DoesNotMatch(Foreign(), reader.ReadToEnd());
    }

    [Fact]
    public async Task AssetThatDoesNotExist_IsNotFound()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        foreach (var name in new[] { "none.js", "..%2Fconsole.js", "%2e%2e/console.js" })
        {
            using var response = await app.GetAsync($"/patterns/assets/{name}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [GeneratedRegex("""(src|href|import|url|fetch)\s*[=(:]?\s*["'(]?\s*(https?:)?//(?!www\.w3\.org)|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\sstyle="|<script(?![^>]*\ssrc=)""")]
    private static partial Regex Foreign();
}
