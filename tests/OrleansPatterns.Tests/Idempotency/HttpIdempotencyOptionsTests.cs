using Microsoft.AspNetCore.Http;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class HttpIdempotencyOptionsTests
{
    [Fact]
    public void Defaults_ArePinned()
    {
        var options = new HttpIdempotencyOptions();
        Assert.Equal(["PATCH", "POST"], options.Methods.Order());
        Assert.True(options.IsKeyRequired);
        Assert.Equal((TimeSpan.FromSeconds(5), OnFailure.Forget, 1_048_576), (options.WaitForResult, options.OnServerError, options.MaxRequestBytes));
        Assert.Equal((null, null, null, null), (options.OnAbandoned, options.Retention, options.MaxResponseBytes, options.ScopeOf));
        Assert.Equal(
            ["Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "ETag", "Last-Modified", "Link", "Location", "Vary"],
            options.ReplayedHeaders.Order());
        Assert.True(new HttpIdempotencyOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void Validate_AllWrong_ReportsAllAtOnce()
    {
        var options = new HttpIdempotencyOptions
        {
            WaitForResult = TimeSpan.FromMinutes(11),
            OnServerError = OnFailure.None,
            OnAbandoned = OnAbandoned.None,
            Retention = TimeSpan.FromDays(367),
            MaxRequestBytes = 0,
            MaxResponseBytes = 8 * 1024 * 1024 + 1,
        };
        options.Methods.UnionWith(["get", "TRACE"]);
        options.ReplayedHeaders.UnionWith(["set-cookie", "date", "proxy-authenticate", "retry-after"]);
        Assert.Equal(
            [
                "HttpIdempotencyOptions.Methods has GET; it must not have a safe method, which changes nothing.",
                "HttpIdempotencyOptions.Methods has TRACE; it must not have a safe method, which changes nothing.",
                "HttpIdempotencyOptions.WaitForResult is 00:11:00; it must be 00:00:00 to 00:10:00.",
                "HttpIdempotencyOptions.OnServerError is None; it must be Forget or Remember.",
                "HttpIdempotencyOptions.OnAbandoned is None; it must be Retry, Park or null.",
                "HttpIdempotencyOptions.Retention is 367.00:00:00; it must be null, or at least IdempotencyOptions.Lease and at most 366.00:00:00.",
                "HttpIdempotencyOptions.MaxRequestBytes is 0; it must be 1 to 67108864.",
                "HttpIdempotencyOptions.MaxResponseBytes is 8388609; it must be null or 1 to 8388608.",
                "HttpIdempotencyOptions.ReplayedHeaders has Date; it must not be replayed.",
                "HttpIdempotencyOptions.ReplayedHeaders has Retry-After; it must not be replayed.",
                "HttpIdempotencyOptions.ReplayedHeaders has Set-Cookie; it must not be replayed.",
                "HttpIdempotencyOptions.ReplayedHeaders has proxy-authenticate; it must not be replayed.",
            ],
            new HttpIdempotencyOptionsValidator().Validate(null, options).Failures);
    }

    [Theory]
    [InlineData("Authentication-Info")]
    [InlineData("Authorization")]
    [InlineData("Connection")]
    [InlineData("Content-Length")]
    [InlineData("Date")]
    [InlineData("Idempotent-Replayed")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Authenticate")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Connection")]
    [InlineData("Retry-After")]
    [InlineData("Set-Cookie")]
    [InlineData("TE")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("Trailer")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Upgrade")]
    [InlineData("WWW-Authenticate")]
    public void HeaderThatMustNotBeReplayed_IsRefused(string header)
    {
        var options = new HttpIdempotencyOptions();
        options.ReplayedHeaders.Add(header);
        Assert.Equal(
            [$"HttpIdempotencyOptions.ReplayedHeaders has {header}; it must not be replayed."],
            new HttpIdempotencyOptionsValidator().Validate(null, options).Failures);
    }

    [Fact]
    public void Copy_HasAllValuesAndSetsOfItsOwn()
    {
        var options = new HttpIdempotencyOptions
        {
            IsKeyRequired = false,
            WaitForResult = TimeSpan.FromSeconds(1),
            OnServerError = OnFailure.Remember,
            OnAbandoned = OnAbandoned.Park,
            Retention = TimeSpan.FromHours(1),
            MaxRequestBytes = 1,
            MaxResponseBytes = 2,
            ScopeOf = static (HttpContext _) => "tenant",
        };
        options.Methods.Add("PUT");
        options.ReplayedHeaders.Clear();
        var copy = new HttpIdempotencyOptions(options);
        foreach (var property in typeof(HttpIdempotencyOptions).GetProperties())
        {
            Assert.Equivalent(property.GetValue(options), property.GetValue(copy), strict: true);
        }

        copy.Methods.Add("DELETE");
        copy.ReplayedHeaders.Add("Link");
        Assert.Equal((3, 0), (options.Methods.Count, options.ReplayedHeaders.Count));
        Assert.True(copy.Methods.Contains("delete") && copy.ReplayedHeaders.Contains("LINK"));
    }
}
