using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Each refusal as it stands on the wire, and that nothing has happened.</summary>
public sealed class IdempotencyRefusalTests(MemoryCluster fixture)
{
    private const string MalformedDetail =
        "The header Idempotency-Key must be 1 to 255 visible ASCII characters, bare or as a quoted string; its value is not.";

    private int _runs;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task NoKey_Is400KeyMissing()
    {
        await using var app = await StartAsync();
        ProblemAssert.IsProblem(
            await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}")),
            "400 Bad Request",
            "key-missing",
            "An Idempotency-Key is required.",
            "This operation needs the header Idempotency-Key: a new unique value for each new operation, the same value in each repetition.");
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task KeyNotRequired_WithoutKeyRunsEachTime_AndMalformedIs400()
    {
        await using var app = await StartAsync(options => options.IsKeyRequired = false);
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", null));
        Assert.Equal("200 run 2", await app.PostForTextAsync("/count", null));
        using var malformed = await app.PostAsync("/count", "a b");
        await ProblemAssert.IsProblemAsync(malformed, HttpStatusCode.BadRequest, "key-malformed");
        var key = NewKey();
        Assert.Equal("200 run 3", await app.PostForTextAsync("/count", key));
        Assert.Equal("200 run 3", await app.PostForTextAsync("/count", key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\u0001b")]
    [InlineData("a\tb")]
    [InlineData("a\u007fb")]
    [InlineData("\"\u0002\"")]
    [InlineData("\"open")]
    [InlineData("\"a\\b\"")]
    [InlineData("\u00c3\u00a9")]
    public async Task MalformedKey_Is400(string value)
    {
        await using var app = await StartAsync();
        ProblemAssert.IsProblem(
            await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", "Idempotency-Key: " + value)),
            "400 Bad Request",
            "key-malformed",
            "The Idempotency-Key is malformed.",
            MalformedDetail);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task KeyOf255Characters_IsAKey_AndOf256IsNot()
    {
        await using var app = await StartAsync();
        var longest = NewKey().PadRight(255, 'k');
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", "Idempotency-Key: " + longest))).Body);
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: \"{longest}\""))).Body);
        var refused = await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: {longest}k"));
        ProblemAssert.IsProblem(refused, "400 Bad Request", "key-malformed", "The Idempotency-Key is malformed.", MalformedDetail);
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task QuotedKeyWithEscapes_IsTheKeyWithoutThem()
    {
        await using var app = await StartAsync();
        var key = NewKey();
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: \"{key}\\\"\\\\\""))).Body);
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: {key}\"\\"))).Body);
    }

    [Fact]
    public async Task TwoKeyHeaders_Are400EvenWhenEqual()
    {
        await using var app = await StartAsync();
        var header = "Idempotency-Key: " + NewKey();
        ProblemAssert.IsProblem(
            await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", header, header)),
            "400 Bad Request",
            "key-malformed",
            "The Idempotency-Key is malformed.",
            "The header Idempotency-Key must be there once; it is there 2 times.");
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task WhileRunning_DuplicateIs409WithRetryAfterAndOtherPayloadIs422()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/slow", async () =>
        {
            entered.SetResult();
            await gate.Task;
            return "done";
        }).WithIdempotency(options => options.WaitForResult = TimeSpan.Zero));
        var header = "Idempotency-Key: " + NewKey();
        using var first = await RawHttp.SendAsync(app, RawHttp.Post("/slow", "{}", header));
        await InTime(entered.Task);

        var duplicate = await RawHttp.ExchangeAsync(app, RawHttp.Post("/slow", "{}", header));
        var other = await RawHttp.ExchangeAsync(app, RawHttp.Post("/slow", "[]", header));
        gate.SetResult();

        Assert.Equal("done", RawResponse.Parse(await first.ReadToEndAsync()).Body);
        ProblemAssert.IsProblem(
            duplicate,
            "409 Conflict",
            "in-progress",
            "A request with this Idempotency-Key is being processed.",
            "Repeat the same request later to get its response.");
        Assert.InRange(int.Parse(duplicate.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 30);
        IsKeyReused(other);
        Assert.Equal("done", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/slow", "{}", header))).Body);
        IsKeyReused(await RawHttp.ExchangeAsync(app, RawHttp.Post("/slow", "[]", header)));
    }

    [Fact]
    public async Task BodyOverTheLimit_Is413AndTheKeyIsNotUsed()
    {
        await using var app = await StartAsync(options => options.MaxRequestBytes = 12);
        var header = "Idempotency-Key: " + NewKey();
        foreach (var tooLarge in new[] { RawHttp.Post("/count", "{\"amount\":12}", header), RawHttp.Chunked("/count", "8\r\n{\"amount\r\n5\r\n\":12}\r\n0\r\n\r\n", header) })
        {
            ProblemAssert.IsProblem(
                await RawHttp.ExchangeAsync(app, tooLarge),
                "413 Payload Too Large",
                "request-too-large",
                "The request is too large.",
                "The body of a request with an Idempotency-Key may have at most 12 bytes here.");
        }

        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{\"amount\":1}", header))).Body);
    }

    [Fact]
    public async Task BodyOverTheServersLimit_Is413AndTheKeyIsNotUsed()
    {
        await using var app = await StartAsync(
            _ => { }, services => services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = 4));
        var header = "Idempotency-Key: " + NewKey();
        ProblemAssert.IsProblem(
            await RawHttp.ExchangeAsync(app, RawHttp.Chunked("/count", "5\r\n[1,2]\r\n0\r\n\r\n", header)),
            "413 Payload Too Large",
            "request-too-large",
            "The request is too large.",
            "The body of the request is larger than the server accepts.");
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "[1]", header))).Body);
    }

    [Fact]
    public async Task MalformedChunks_Are400AndTheKeyIsNotUsed()
    {
        await using var app = await StartAsync();
        var header = "Idempotency-Key: " + NewKey();
        ProblemAssert.IsProblem(
            await RawHttp.ExchangeAsync(app, RawHttp.Chunked("/count", "2\r\n[1\r\nxx\r\n", header)),
            "400 Bad Request",
            "request-unreadable",
            "The request could not be read.",
            "The body of the request broke off or is malformed. Nothing was done; repeat it with the same Idempotency-Key.");
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "[1]", header))).Body);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyThatBreaksOff_LeavesTheKeyUnused(bool isReset)
    {
        var entered = new TaskCompletionSource();
        var over = new TaskCompletionSource();
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes =>
        {
            routes.Use(async (context, next) =>
            {
                entered.TrySetResult();
                try
                {
                    await next(context);
                }
                finally
                {
                    over.TrySetResult();
                }
            });
            MapCount(routes, null);
        });
        var header = "Idempotency-Key: " + NewKey();
        using var broken = await RawHttp.SendAsync(app, RawHttp.Chunked("/count", "2\r\n[1\r\n", header));
        await InTime(entered.Task);
        if (isReset)
        {
            broken.HangUp();
        }
        else
        {
            broken.EndSending();
        }

        await InTime(over.Task);
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "[1]", header))).Body);
    }

    [Fact]
    public async Task ClusterAway_Is503WithRetryAfter()
    {
        await using var app = await IdempotencyWebApp.StartAsync(new UnavailableStore(Store), routes => MapCount(routes, null));
        var response = await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", "Idempotency-Key: a"));
        ProblemAssert.IsProblem(
            response,
            "503 Service Unavailable",
            "cluster-unavailable",
            "The outcome cannot be recorded at the moment.",
            "Whether the request took effect is unknown. Repeat it with the same Idempotency-Key.");
        Assert.Equal("1", response.Headers["Retry-After"]);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task ParkedKey_Is409()
    {
        await using var app = await IdempotencyWebApp.StartAsync(new ParkedStore(Store), routes => MapCount(routes, null));
        ProblemAssert.IsProblem(
            await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", "Idempotency-Key: a")),
            "409 Conflict",
            "parked",
            "The outcome of the first request is unknown.",
            "The first request with this Idempotency-Key broke off, and whether it took effect has to be found out by an operator.");
    }

    /// <summary>Not one to repeat: there is no Retry-After.</summary>
    [Fact]
    public async Task SealedKey_Is409()
    {
        var operations = fixture.Service<IIdempotencyOperations>();
        var key = new IdempotencyKey("http:" + Guid.NewGuid().ToString("N"), "a");
        await operations.SealAsync(key, TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        await using var app = await IdempotencyWebApp.StartAsync(new OneKeyStore(Store, key), routes => MapCount(routes, null));
        var response = await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", "Idempotency-Key: a"));
        ProblemAssert.IsProblem(
            response,
            "409 Conflict",
            "sealed",
            "The operation of this Idempotency-Key was given up.",
            "This request did nothing, and repetitions are refused as well. Use a new key for a new operation.");
        Assert.DoesNotContain("Retry-After", response.Headers.Keys);
        Assert.Equal(0, _runs);
    }

    /// <summary>A saga that undoes its step knows the key that it sent, and not the scope of the endpoint.</summary>
    [Fact]
    public async Task KeySealedWithoutItsScope_Is409AndAResultIsStillReplayed()
    {
        var saga = Guid.NewGuid().ToString("N");
        var operations = fixture.Service<IIdempotencyOperations>();
        await using var app = await StartAsync(configure: services => services.AddSingleton(operations));
        var answered = await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: {saga}/before"));
        foreach (var step in new[] { "before", "after" })
        {
            await operations.SealAsync($"{saga}/{step}", TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        }

        var replayed = await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: {saga}/before"));
        var refused = await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "{}", $"Idempotency-Key: {saga}/after"));

        Assert.Equal(answered.Body, replayed.Body);
        ProblemAssert.IsProblem(
            refused,
            "409 Conflict",
            "sealed",
            "The operation of this Idempotency-Key was given up.",
            "This request did nothing, and repetitions are refused as well. Use a new key for a new operation.");
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task ProblemDetailsOfTheApplication_AreCustomizedAsItsOthers()
    {
        await using var app = await StartAsync(configure: services => services.AddProblemDetails(problems =>
            problems.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["tenant"] = "acme"));
        using var response = await app.PostAsync("/count", null);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("acme", problem.RootElement.GetProperty("tenant").GetString());
        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.BadRequest, "key-missing");
    }

    private static void IsKeyReused(RawResponse response) => ProblemAssert.IsProblem(
        response,
        "422 Unprocessable Entity",
        "key-reused",
        "This Idempotency-Key was used for another request.",
        "Use a new key for a new operation; repeat an old one with the same method, path, query, content type and body.");

    private Task<IdempotencyWebApp> StartAsync(
        Action<AspNetCore.Idempotency.HttpIdempotencyOptions>? options = null, Action<IServiceCollection>? configure = null) =>
        IdempotencyWebApp.StartAsync(Store, routes => MapCount(routes, options), configure);

    private void MapCount(WebApplication routes, Action<AspNetCore.Idempotency.HttpIdempotencyOptions>? options) =>
        routes.MapPost("/count", (HttpContext _) => Results.Text($"run {Interlocked.Increment(ref _runs)}")).WithIdempotency(options);

    private sealed class UnavailableStore(IIdempotencyStore store) : ObservedStore(store)
    {
        public override Task<IdempotencyBeginning> BeginAsync(
            IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new ClusterUnavailableException("begin", TimeSpan.FromSeconds(30), new TimeoutException("no answer"));
    }

    /// <summary>Whatever the scope that the endpoint makes, it is this key.</summary>
    private sealed class OneKeyStore(IIdempotencyStore store, IdempotencyKey key) : ObservedStore(store)
    {
        public override Task<IdempotencyBeginning> BeginAsync(
            IdempotencyKey _, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default) =>
            base.BeginAsync(key, fingerprint, options, cancellationToken);
    }

    private sealed class ParkedStore(IIdempotencyStore store) : ObservedStore(store)
    {
        public override Task<IdempotencyBeginning> BeginAsync(
            IdempotencyKey key, RequestFingerprint fingerprint, IdempotencyOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new IdempotencyParkedException(key, 1);
    }
}
