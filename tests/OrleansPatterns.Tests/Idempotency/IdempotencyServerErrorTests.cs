using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Responses of 500 and more, and exceptions.</summary>
public sealed class IdempotencyServerErrorTests(MemoryCluster fixture)
{
    private int _runs;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task ByDefault_FreesTheKey()
    {
        await using var app = await StartFlakyAsync(OnFailure.Forget);
        var key = NewKey();
        Assert.Equal("502 bad 1", await app.PostForTextAsync("/flaky", key));
        Assert.Equal("500 handled InvalidOperationException", await app.PostForTextAsync("/flaky", key));
        Assert.Equal("200 fine 3", await app.PostForTextAsync("/flaky", key));
        Assert.Equal("200 fine 3", await app.PostForTextAsync("/flaky", key));
    }

    [Fact]
    public async Task Remembered_TheResponseIsReplayed()
    {
        await using var app = await StartFlakyAsync(OnFailure.Remember);
        var key = NewKey();
        Assert.Equal("502 bad 1", await app.PostForTextAsync("/flaky", key));
        using var repeated = await app.PostAsync("/flaky", key);
        Assert.Equal(
            (HttpStatusCode.BadGateway, "bad 1", "true"),
            (repeated.StatusCode, await repeated.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), repeated.Headers.GetValues("Idempotent-Replayed").Single()));
    }

    [Fact]
    public async Task RememberedException_IsReplayedAs500WithoutItsMessage()
    {
        await using var app = await StartFlakyAsync(OnFailure.Remember);
        _ = await app.PostForTextAsync("/flaky", NewKey());
        var request = RawHttp.Post("/flaky", "{}", "Idempotency-Key: " + NewKey());
        Assert.Equal("handled InvalidOperationException", (await RawHttp.ExchangeAsync(app, request)).Body);
        var repeated = await RawHttp.ExchangeAsync(app, request);
        ProblemAssert.IsProblem(
            repeated,
            "500 Internal Server Error",
            "failed",
            "The first request with this Idempotency-Key failed.",
            "Its failure is remembered, and the operation is not run again. Use a new key to try again.");
        Assert.Equal("true", repeated.Headers["Idempotent-Replayed"]);
        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task ClientsFaultAsException_FreesTheKeyEvenWhereFailuresAreRemembered()
    {
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes => routes
            .MapPost("/picky", () => ++_runs == 1 ? throw new BadHttpRequestException("not like this", 400) : "fine")
            .WithIdempotency(options => options.OnServerError = OnFailure.Remember));
        var key = NewKey();
        Assert.StartsWith("400 ", await app.PostForTextAsync("/picky", key), StringComparison.Ordinal);
        Assert.Equal("200 fine", await app.PostForTextAsync("/picky", key));
    }

    private Task<IdempotencyWebApp> StartFlakyAsync(OnFailure onServerError) => IdempotencyWebApp.StartAsync(Store, routes =>
    {
        routes.UseExceptionHandler(handler => handler.Run(context => context.Response.WriteAsync(
            $"handled {context.Features.Get<Microsoft.AspNetCore.Diagnostics.IExceptionHandlerFeature>()?.Error.GetType().Name}",
            TestContext.Current.CancellationToken)));
        routes.MapPost("/flaky", () => ++_runs switch
        {
            1 => Results.Text("bad 1", statusCode: 502),
            2 => throw new InvalidOperationException("secret"),
            _ => Results.Text($"fine {_runs}"),
        }).WithIdempotency(options => options.OnServerError = onServerError);
    });
}
