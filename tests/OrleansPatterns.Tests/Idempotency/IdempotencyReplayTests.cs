using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>What a repetition is sent.</summary>
public sealed class IdempotencyReplayTests(MemoryCluster fixture)
{
    private int _runs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task Repetition_IsReplayedWithStatusHeadersAndBodyAndWithoutCookies()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/payments", (HttpContext context, Payment payment) =>
        {
            context.Response.Cookies.Append("session", "secret");
            context.Response.Headers.ETag = "\"v1\"";
            context.Response.Headers["X-Private"] = "once";
            return Results.Created("/payments/1", new { run = Interlocked.Increment(ref _runs), payment.Amount });
        }).WithIdempotency());
        var key = NewKey();

        using var first = await app.PostAsync("/payments", key);
        using var second = await app.PostAsync("/payments", $"\"{key}\"");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.Equal("{\"run\":1,\"amount\":1}", await first.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("{\"run\":1,\"amount\":1}", await second.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(("/payments/1", "\"v1\""), (second.Headers.Location?.ToString(), second.Headers.ETag?.ToString()));
        Assert.Equal(["true"], second.Headers.GetValues("Idempotent-Replayed"));
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.True(first.Headers.Contains("Set-Cookie") && first.Headers.Contains("X-Private"));
        Assert.False(second.Headers.Contains("Set-Cookie") || second.Headers.Contains("X-Private"));
    }

    [Fact]
    public async Task Patch_IsReplayedToo()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store, routes => routes.MapPatch("/payments/{id}", () => $"run {Interlocked.Increment(ref _runs)}").WithIdempotency());
        var key = NewKey();
        for (var repetition = 0; repetition < 2; repetition++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, "/payments/7") { Headers = { { "Idempotency-Key", key } } };
            using var response = await app.SendAsync(request);
            Assert.Equal("run 1", await response.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Theory]
    [InlineData("text", "text/plain")]
    [InlineData("bytes", "application/octet-stream")]
    [InlineData("file", "application/x-file")]
    [InlineData("pipe", null)]
    [InlineData("none", null)]
    [InlineData("empty", null)]
    [InlineData("rejected", "application/problem+json")]
    public async Task EveryKindOfResult_IsReplayedByteForByte(string kind, string? contentType)
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/{kind}", async (HttpContext context) =>
        {
            _runs++;
            switch (kind)
            {
                case "pipe":
                    "unflushed"u8.CopyTo(context.Response.BodyWriter.GetSpan(9));
                    context.Response.BodyWriter.Advance(9);
                    return Results.Empty;
                case "text":
                    await context.Response.StartAsync(Cancel);
                    return Results.Text("héllo", "text/plain");
                case "bytes":
                    return Results.Bytes(new byte[] { 0, 1, 255 });
                case "file":
                    return Results.File(typeof(IdempotencyReplayTests).Assembly.Location, "application/x-file");
                case "rejected":
                    return Results.Problem("too poor", statusCode: 402);
                case "none":
                    return Results.NoContent();
                default:
                    return Results.Empty;
            }
        }).WithIdempotency(options => options.MaxResponseBytes = 8 * 1024 * 1024));
        var key = NewKey();

        using var first = await app.PostAsync("/" + kind, key);
        using var second = await app.PostAsync("/" + kind, key);
        var bytes = await second.Content.ReadAsByteArrayAsync(Cancel);

        Assert.Equal(1, _runs);
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(contentType, second.Content.Headers.ContentType?.MediaType);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Cancel), bytes);
        Assert.Equal(kind is "none" or "empty", bytes.Length == 0);
        Assert.Equal(bytes.Length, second.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task ResponseThatHasNoBody_IsReplayedWithoutLength(int status)
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/none", () => Results.StatusCode(status)).WithIdempotency());
        var request = RawHttp.Post("/none", "", "Idempotency-Key: " + NewKey());
        _ = await RawHttp.ExchangeAsync(app, request);
        var replayed = await RawHttp.ExchangeAsync(app, request);

        Assert.StartsWith($"HTTP/1.1 {status} ", replayed.StatusLine, StringComparison.Ordinal);
        Assert.Equal("true", replayed.Headers["Idempotent-Replayed"]);
        Assert.False(replayed.Headers.ContainsKey("Content-Length") || replayed.Headers.ContainsKey("Transfer-Encoding"));
        Assert.Equal("", replayed.Body);
    }

    [Fact]
    public async Task BodyWhereNoneMayBe_FailsTheEndpointAndNotTheReplay()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/none", async (HttpContext context) =>
        {
            context.Response.StatusCode = ++_runs == 1 ? 204 : 200;
            await context.Response.WriteAsync("body", Cancel);
        }).WithIdempotency());
        var key = NewKey();
        Assert.Equal("500 ", await app.PostForTextAsync("/none", key));
        Assert.Equal("200 body", await app.PostForTextAsync("/none", key));
    }

    [Fact]
    public async Task Http2_IsReplayed_AndTrailersAreSentAndNotRemembered()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store,
            routes =>
            {
                routes.MapPost("/plain", () => $"run {++_runs}").WithIdempotency();
                routes.MapPost("/trailers", (HttpContext context) =>
                {
                    context.Response.AppendTrailer("X-Status", "0");
                    return $"run {++_runs}";
                }).WithIdempotency();
            },
            services => services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2)));
        var key = NewKey();
        var answers = new List<string>();
        foreach (var path in new[] { "/plain", "/plain", "/trailers", "/trailers" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Headers = { { "Idempotency-Key", key } },
            };
            using var response = await app.SendAsync(request);
            answers.Add(await response.Content.ReadAsStringAsync(Cancel) + string.Concat(response.TrailingHeaders.Select(trailer => $" {trailer.Key}")));
        }

        Assert.Equal(["run 1", "run 1", "run 2 x-status", "run 3 x-status"], answers);
        Assert.Equal(2, app.Warnings.Lines.Count(line => line.StartsWith("4205 The response of '/trailers'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ResultThatIsNoResponse_AsAnOperatorGivesIt_Is409ResponseNotKept()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            new CompletedByHand(Store), routes => routes.MapPost("/count", () => $"run {++_runs}").WithIdempotency());
        using var response = await app.PostAsync("/count", NewKey());
        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.Conflict, "response-not-kept");
        Assert.Equal((0, 1), (_runs, app.Warnings.Lines.Count(line => line.StartsWith("4206 ", StringComparison.Ordinal))));
    }

    private sealed record Payment(int Amount);

    /// <summary>Every key has the result that somebody gave it by hand, as JSON.</summary>
    private sealed class CompletedByHand(IIdempotencyStore store) : ObservedStore(store)
    {
        public override async Task<IdempotencyBeginning> BeginAsync(
            IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default)
        {
            await using var execution = (await base.BeginAsync(key, fingerprint, options, cancellationToken)).Execution!;
            await execution.CompleteAsync("{\"by\":\"hand\"}"u8.ToArray(), cancellationToken);
            return await base.BeginAsync(key, fingerprint, options, cancellationToken);
        }
    }
}
