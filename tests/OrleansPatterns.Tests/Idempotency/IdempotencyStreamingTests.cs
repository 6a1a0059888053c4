using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Responses that are passed on and not remembered.</summary>
public sealed class IdempotencyStreamingTests(MemoryCluster fixture)
{
    private readonly TaskCompletionSource _gate = new();
    private readonly TaskCompletionSource _cancelled = new();
    private int _runs;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task ServerSentEvents_ComeOneByOneAndAreNotRemembered()
    {
        await using var app = await IdempotencyWebApp.StartAsync(
            Store,
            routes => routes.MapPost("/events", (CancellationToken aborted) => TypedResults.ServerSentEvents(EventsAsync(aborted)))
                .WithIdempotency(options => options.WaitForResult = TimeSpan.Zero));
        var request = RawHttp.Post("/events", "{}", "Idempotency-Key: " + NewKey());
        using var first = await RawHttp.SendAsync(app, request);
        Assert.EndsWith("data: first\n\n\r\n", await first.ReadUntilAsync("data: first\n\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 409 ", (await RawHttp.ExchangeAsync(app, request)).StatusLine, StringComparison.Ordinal);
        _gate.SetResult();
        Assert.Equal("data: first\n\ndata: last of 1\n\n", RawResponse.Parse(await first.ReadToEndAsync()).Body);

        var second = await RawHttp.ExchangeAsync(app, request);

        Assert.Equal(("text/event-stream", "data: first\n\ndata: last of 2\n\n"), (second.Headers["Content-Type"], second.Body));
        Assert.False(second.Headers.ContainsKey("Idempotent-Replayed"));
        const string Warning = "4203 The response of '/events' is streamed; it is passed on and not remembered, so a repetition runs again.";
        Assert.Equal([Warning, Warning], app.Warnings.Lines);
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("writer")]
    [InlineData("headers")]
    public async Task DisableBuffering_PassesOnWhatIsWrittenBeforeAndAfter(string by)
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/feed", async (HttpContext context) =>
        {
            var response = context.Response;
            if (by != "headers")
            {
                await response.WriteAsync("a", Cancel);
            }

            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            if (by == "stream")
            {
                await response.Body.WriteAsync("b"u8.ToArray(), Cancel);
                await response.Body.FlushAsync(Cancel);
            }
            else if (by == "writer")
            {
                await response.BodyWriter.WriteAsync("b"u8.ToArray(), Cancel);
            }
            else
            {
                response.Headers["X-Seen"] = "early";
                await response.BodyWriter.FlushAsync(Cancel);
            }

            await _gate.Task;
            await response.WriteAsync($"end {++_runs}", Cancel);
        }).WithIdempotency());
        var request = RawHttp.Post("/feed", "{}", "Idempotency-Key: " + NewKey());
        using var first = await RawHttp.SendAsync(app, request);
        _ = await first.ReadUntilAsync(by == "headers" ? "X-Seen: early\r\n" : "b\r\n");
        _gate.SetResult();
        Assert.Equal(by == "headers" ? "end 1" : "abend 1", RawResponse.Parse(await first.ReadToEndAsync()).Body);
        Assert.Equal(by == "headers" ? "end 2" : "abend 2", (await RawHttp.ExchangeAsync(app, request)).Body);
        Assert.Equal(["4203", "4203"], app.Warnings.Lines.Select(line => line[..4]));
    }

    [Fact]
    public async Task BufferingDisabledAfterTheLastWrite_StillSendsIt()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/feed", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("all", Cancel);
            await context.Response.CompleteAsync();
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        }).WithIdempotency());
        Assert.Equal("200 all", await app.PostForTextAsync("/feed", NewKey()));
    }

    [Fact]
    public async Task ReaderOfAStreamHangsUp_TheStreamEndsAndTheKeyIsFree()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes.MapPost("/events", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: first\n\n", Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            if (++_runs == 1)
            {
                try
                {
                    await _gate.Task.WaitAsync(context.RequestAborted);
                }
                catch (OperationCanceledException)
                {
                    _cancelled.SetResult();
                    throw;
                }
            }
        }).WithIdempotency());
        var request = RawHttp.Post("/events", "{}", "Idempotency-Key: " + NewKey());
        using var first = await RawHttp.SendAsync(app, request);
        _ = await first.ReadUntilAsync("first");
        first.HangUp();
        await InTime(_cancelled.Task);
        Assert.Equal("data: first\n\n", (await RawHttp.ExchangeAsync(app, request)).Body);
        Assert.Equal(2, _runs);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(95)]
    public async Task ResponseOverTheLimit_IsPassedOnAndFreesTheKey(int half)
    {
        // The first is too large when its second half is written, the second only with its headers.
        var body = half == 60 ? new string('a', 60) + new string('b', 60) : new string('a', 95);
        await using var app = await IdempotencyWebApp.StartAsync(
            Store,
            routes => routes.MapPost("/large", async (HttpContext context) =>
            {
                _runs++;
                context.Response.ContentType = "text/plain";
                await context.Response.WriteAsync(body[..half], Cancel);
                await context.Response.WriteAsync(body[half..], Cancel);
            }).WithIdempotency(options => options.MaxResponseBytes = 100));
        var key = NewKey();
        Assert.Equal("200 " + body, await app.PostForTextAsync("/large", key));
        Assert.Equal("200 " + body, await app.PostForTextAsync("/large", key));
        Assert.Equal(2, _runs);
        const string Warning = "4201 The response of '/large' is over 100 bytes; it is passed on and not remembered, so a repetition runs again.";
        Assert.Equal([Warning, Warning], app.Warnings.Lines);
    }

    private async IAsyncEnumerable<SseItem<string>> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = Interlocked.Increment(ref _runs);
        yield return new SseItem<string>("first");
        await _gate.Task.WaitAsync(cancellationToken);
        yield return new SseItem<string>($"last of {run}");
    }
}
