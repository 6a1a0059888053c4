using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.Cluster;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyEndpointTests(MemoryCluster fixture)
{
    private static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(20);

    private int _runs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    private IIdempotencyStore Impatient =>
        Create(fixture.Cluster.Client, fixture.Service<TimeProvider>(), new() { WaitForResult = TimeSpan.Zero });

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

    [Theory]
    [InlineData("text", "text/plain")]
    [InlineData("bytes", "application/octet-stream")]
    [InlineData("pipe", null)]
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
                case "rejected":
                    return Results.Problem("too poor", statusCode: 402);
                default:
                    return Results.NoContent();
            }
        }).WithIdempotency());
        var key = NewKey();

        using var first = await app.PostAsync("/" + kind, key);
        using var second = await app.PostAsync("/" + kind, key);

        Assert.Equal(1, _runs);
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(contentType, second.Content.Headers.ContentType?.MediaType);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Cancel), await second.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(kind is "empty" ? 0 : 1, Math.Sign((await second.Content.ReadAsByteArrayAsync(Cancel)).Length));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("a b")]
    public async Task UnusableKey_Is400(string? key)
    {
        await using var app = await StartCounterAsync(Store);
        using var response = await app.PostAsync("/count", key);
        await AssertProblemAsync(response, HttpStatusCode.BadRequest, "key-required");
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task WhileRunning_DuplicateIs409WithRetryAfterAndOtherPayloadIs422()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var app = await IdempotencyWebApp.StartAsync(Impatient, routes => routes.MapPost("/slow", async () =>
        {
            entered.SetResult();
            await gate.Task;
            return "done";
        }).WithIdempotency());
        var key = NewKey();
        var first = app.PostAsync("/slow", key);
        await InTime(entered.Task);

        using var duplicate = await app.PostAsync("/slow", key);
        using var other = await app.PostAsync("/slow", key, body: "{}");
        gate.SetResult();
        using var answered = await first;
        using var replayed = await app.PostAsync("/slow", key);

        await AssertProblemAsync(duplicate, HttpStatusCode.Conflict, "in-progress");
        Assert.InRange(duplicate.Headers.RetryAfter?.Delta ?? default, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        await AssertProblemAsync(other, HttpStatusCode.UnprocessableEntity, "key-reused");
        Assert.Equal("done", await replayed.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task DuplicatesAtOnce_RunOnceAndAllGetTheResponse()
    {
        await using var app = await StartCounterAsync(Store);
        var key = NewKey();
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.PostAsync("/count", key)));
        foreach (var response in responses)
        {
            Assert.Equal("run 1", await response.Content.ReadAsStringAsync(Cancel));
            response.Dispose();
        }
    }

    [Theory]
    [InlineData("/count?again=1", "{\"amount\":1}")]
    [InlineData("/count", "{\"amount\":2}")]
    public async Task OtherQueryOrBody_Is422(string path, string body)
    {
        await using var app = await StartCounterAsync(Store);
        var key = NewKey();
        using var first = await app.PostAsync("/count", key);
        using var other = await app.PostAsync(path, key, body);
        await AssertProblemAsync(other, HttpStatusCode.UnprocessableEntity, "key-reused");
    }

    [Fact]
    public async Task UsersAndRoutes_HaveKeysOfTheirOwn()
    {
        await using var app = await StartCounterAsync(Store);
        var key = NewKey();
        var bodies = new List<string>();
        foreach (var (path, user) in new (string, string?)[] { ("/count", null), ("/count", "ann"), ("/count", "bob"), ("/other", "ann"), ("/count", "ann") })
        {
            using var response = await app.PostAsync(path, key, user: user);
            bodies.Add(await response.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Equal(["run 1", "run 2", "run 3", "run 4", "run 2"], bodies);
    }

    [Fact]
    public async Task ServerError_FreesTheKey()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes
            .MapPost("/flaky", () => ++_runs switch
            {
                1 => Results.StatusCode(502),
                2 => throw new InvalidOperationException("broken"),
                _ => Results.Text("fine"),
            })
            .WithIdempotency());
        var key = NewKey();
        using var failed = await app.PostAsync("/flaky", key);
        using var threw = await app.PostAsync("/flaky", key);
        using var fine = await app.PostAsync("/flaky", key);

        Assert.Equal(
            (HttpStatusCode.BadGateway, HttpStatusCode.InternalServerError, HttpStatusCode.OK), (failed.StatusCode, threw.StatusCode, fine.StatusCode));
    }

    [Fact]
    public async Task RequestOverTheLimit_Is413()
    {
        await using var app = await StartCounterAsync(Store, services => services.Configure<HttpIdempotencyOptions>(options => options.MaxRequestBytes = 12));
        using var fits = await app.PostAsync("/count", NewKey());
        using var tooLarge = await app.PostAsync("/count", NewKey(), body: "{\"amount\":12}");

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        await AssertProblemAsync(tooLarge, HttpStatusCode.RequestEntityTooLarge, "request-too-large");
    }

    [Fact]
    public async Task ResponseOverTheLimit_IsPassedOnAndFreesTheKey()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store,
            routes => routes.MapPost("/large", async (HttpContext context) =>
            {
                _runs++;
                await context.Response.WriteAsync(new string('a', 60), Cancel);
                await context.Response.WriteAsync(new string('b', 60), Cancel);
            }).WithIdempotency(),
            services => services.Configure<IdempotencyOptions>(options => options.MaxResultBytes = 100));
        var key = NewKey();
        using var first = await app.PostAsync("/large", key);
        using var second = await app.PostAsync("/large", key);

        Assert.Equal(new string('a', 60) + new string('b', 60), await first.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(120, (await second.Content.ReadAsStringAsync(Cancel)).Length);
        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task ClientHangsUp_TheWorkGoesOnAndTheRepetitionGetsItsResponse()
    {
        var entered = new TaskCompletionSource();
        var hungUp = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes =>
        {
            routes.Use((context, next) =>
            {
                context.RequestAborted.Register(() => hungUp.TrySetResult());
                return next(context);
            });
            routes.MapPost("/slow", async (CancellationToken aborted) =>
            {
                Interlocked.Increment(ref _runs);
                entered.SetResult();
                await gate.Task;
                aborted.ThrowIfCancellationRequested();
                return "done";
            }).WithIdempotency();
        });
        var key = NewKey();
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var abandoned = app.PostAsync("/slow", key, hangUp: client);
        await InTime(entered.Task);
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        await InTime(hungUp.Task);
        gate.SetResult();

        using var repeated = await app.PostAsync("/slow", key);

        Assert.Equal("done", await repeated.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task LostExecution_CancelsTheEndpointAndIs503()
    {
        var time = new FakeTimeProvider();
        var entered = new TaskCompletionSource();
        await using var app = await IdempotencyWebApp.StartAsync(
            Create(fixture.Cluster.Client, time),
            routes => routes.MapPost("/slow", async (HttpContext context) =>
            {
                context.Response.Headers["X-Inner"] = "dropped";
                await context.Response.WriteAsync("partial", Cancel);
                entered.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(SafetyNet, context.RequestAborted);
            }).WithIdempotency());
        var pending = app.PostAsync("/slow", NewKey());
        await InTime(entered.Task);

        // In one step past the lease, as when the process was paused: no renewal gets through in time.
        time.Advance(TimeSpan.FromSeconds(30));

        using var response = await pending;
        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "execution-lost");
        Assert.Equal(["kept"], response.Headers.GetValues("X-Outer"));
        Assert.False(response.Headers.Contains("X-Inner"));
    }

    [Fact]
    public async Task ClusterAway_Is503()
    {
        await using var app = await StartCounterAsync(new UnavailableStore());
        using var response = await app.PostAsync("/count", NewKey());
        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "cluster-unavailable");
        Assert.Equal(0, _runs);
    }

    [Fact]
    public async Task GroupOfRoutes_ProtectsUnsafeMethodsOnceAndLetsSafeOnesPass()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Impatient, routes =>
        {
            var group = routes.MapGroup("/api").WithIdempotency();
            group.MapGet("/count", () => "read");
            group.MapPost("/count", () => $"run {Interlocked.Increment(ref _runs)}").WithIdempotency();
        });
        var key = NewKey();
        using var read = await app.GetAsync("/api/count");
        using var first = await app.PostAsync("/api/count", key);
        using var second = await app.PostAsync("/api/count", key);

        Assert.Equal("read", await read.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("run 1", await first.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("run 1", await second.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("urn:orleanspatterns:idempotency:" + type, problem.RootElement.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
    }

    private Task<IdempotencyWebApp> StartCounterAsync(IIdempotencyStore store, Action<IServiceCollection>? configure = null) =>
        IdempotencyWebApp.StartAsync(
            store,
            routes =>
            {
                routes.MapPost("/count", () => $"run {Interlocked.Increment(ref _runs)}").WithIdempotency();
                routes.MapPost("/other", () => $"run {Interlocked.Increment(ref _runs)}").WithIdempotency();
            },
            configure);

    private sealed record Payment(int Amount);

    private sealed class UnavailableStore : IIdempotencyStore
    {
        public Task<T> ExecuteAsync<T>(
            IdempotencyKey key, string fingerprint, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<IdempotencyBeginning> BeginAsync(IdempotencyKey key, string fingerprint, CancellationToken cancellationToken = default) =>
            throw new ClusterUnavailableException("begin", TimeSpan.FromSeconds(30), new TimeoutException("no answer"));

        public Task<IdempotentExecution?> TryBeginAsync(IdempotencyKey messageId, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
