using OrleansPatterns.AspNetCore.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class HttpIdempotencyOptionsTests
{
    [Fact]
    public void Defaults_ArePinned()
    {
        var options = new HttpIdempotencyOptions();
        Assert.Equal(1_048_576, options.MaxRequestBytes);
        Assert.Equal(
            ["Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "ETag", "Last-Modified", "Link", "Location", "Vary"],
            options.ReplayedHeaders.Order());
        Assert.True(new HttpIdempotencyOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void Validate_AllWrong_ReportsAllAtOnce()
    {
        var options = new HttpIdempotencyOptions { MaxRequestBytes = 0 };
        options.ReplayedHeaders.UnionWith(["set-cookie", "date"]);
        Assert.Equal(
            [
                "HttpIdempotencyOptions.MaxRequestBytes is 0; it must be 1 to 67108864.",
                "HttpIdempotencyOptions.ReplayedHeaders has Date; it must not be replayed.",
                "HttpIdempotencyOptions.ReplayedHeaders has Set-Cookie; it must not be replayed.",
            ],
            new HttpIdempotencyOptionsValidator().Validate(null, options).Failures);
    }
}
