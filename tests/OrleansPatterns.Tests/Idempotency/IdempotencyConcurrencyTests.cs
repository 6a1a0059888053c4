using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>What happens while a request runs: to it, to its duplicates, to its client.</summary>
public sealed class IdempotencyConcurrencyTests(MemoryCluster fixture)
{
    private static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(20);

    private int _runs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task SixteenDuplicatesAtOnce_RunOnceAndAllGetTheSameBytes()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store, routes => routes.MapPost("/count", () => new { run = Interlocked.Increment(ref _runs), id = Guid.NewGuid() }).WithIdempotency());
        var request = RawHttp.Post("/count", "{}", "Idempotency-Key: " + NewKey());
        var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => RawHttp.ExchangeAsync(app, request)));

        Assert.Equal(1, _runs);
        Assert.Single(responses.Select(response => (response.StatusLine, response.Body, response.Headers["Content-Type"])).Distinct());
        Assert.Equal(15, responses.Count(response => response.Headers.GetValueOrDefault("Idempotent-Replayed") == "true"));
    }

    [Fact]
    public async Task Duplicates_WaitFiveSecondsByDefaultAndAsLongAsTheEndpointSays()
    {
        var store = new ObservedStore(Store);
        await using var app = await IdempotencyWebApp.StartAsync(store, routes =>
        {
            routes.MapPost("/default", () => "done").WithIdempotency();
            routes.MapPost("/own", () => "done").WithIdempotency(options => options.WaitForResult = TimeSpan.FromSeconds(1));
        });
        _ = await app.PostForTextAsync("/default", NewKey());
        Assert.Equal(TimeSpan.FromSeconds(5), store.LastOptions?.WaitForResult);
        _ = await app.PostForTextAsync("/own", NewKey());
        Assert.Equal(TimeSpan.FromSeconds(1), store.LastOptions?.WaitForResult);
    }

    [Fact]
    public async Task ClientHangsUp_TheWorkGoesOnAndTheRepetitionReplays()
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
        var request = RawHttp.Post("/slow", "{}", "Idempotency-Key: " + NewKey());
        using var abandoned = await RawHttp.SendAsync(app, request);
        await InTime(entered.Task);
        abandoned.HangUp();
        await InTime(hungUp.Task);
        gate.SetResult();

        var repeated = await RawHttp.ExchangeAsync(app, request);

        Assert.Equal(("done", "true", 1), (repeated.Body, repeated.Headers["Idempotent-Replayed"], _runs));
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
        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "execution-lost");
        Assert.Equal(["kept"], response.Headers.GetValues("X-Outer"));
        Assert.False(response.Headers.Contains("X-Inner"));
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task RequestTimeout_StillCancelsTheWorkAndFreesTheKey()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store,
            routes =>
            {
                routes.UseWhen(IsLimited, limited => limited.UseRequestTimeouts());
                routes.MapPost("/slow", async (HttpContext context) =>
                {
                    if (IsLimited(context))
                    {
                        await new TaskCompletionSource().Task.WaitAsync(SafetyNet, context.RequestAborted);
                    }

                    return "done";
                }).WithIdempotency().WithRequestTimeout(TimeSpan.FromMilliseconds(500));
            },
            services => services.AddRequestTimeouts());
        var header = "Idempotency-Key: " + NewKey();
        var limited = await RawHttp.ExchangeAsync(app, RawHttp.Post("/slow", "{}", header, "X-Limited: 1"));
        Assert.StartsWith("HTTP/1.1 504 ", limited.StatusLine, StringComparison.Ordinal);
        Assert.Equal("done", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/slow", "{}", header))).Body);

        static bool IsLimited(HttpContext context) => context.Request.Headers.ContainsKey("X-Limited");
    }
}
