using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Idempotency;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Controllers, by attribute and by <c>MapControllers().WithIdempotency()</c>.</summary>
public sealed class IdempotentActionTests(MemoryCluster fixture)
{
    private readonly ActionRuns _runs = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Action_RunsOnceAndIsReplayed(bool isConventionThereToo)
    {
        await using var app = await StartAsync(withConvention: isConventionThereToo);
        var key = NewKey();
        using var first = await app.PostAsync("/api/payments", key);
        using var second = await app.PostAsync("/api/payments", key);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.Equal("run 1 1", await first.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Cancel), await second.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(("/api/payments/1", "\"v1\""), (second.Headers.Location?.ToString(), second.Headers.ETag?.ToString()));
        Assert.Equal(["true"], second.Headers.GetValues("Idempotent-Replayed"));
        Assert.StartsWith("422 ", await app.PostForTextAsync("/api/payments", key, "{\"amount\":2}"), StringComparison.Ordinal);
        using var missing = await app.PostAsync("/api/payments", key: null);
        await ProblemAssert.IsProblemAsync(missing, HttpStatusCode.BadRequest, "key-missing");
        Assert.Equal(1, _runs.Count);
    }

    [Theory]
    [InlineData("text", 200)]
    [InlineData("file", 200)]
    [InlineData("stream", 200)]
    [InlineData("empty", 204)]
    [InlineData("rejected", 402)]
    public async Task EveryKindOfResult_IsReplayedByteForByte(string kind, int status)
    {
        await using var app = await StartAsync();
        var key = NewKey();
        using var first = await app.PostAsync("/api/payments/" + kind, key);
        using var second = await app.PostAsync("/api/payments/" + kind, key);
        Assert.Equal((status, status), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Cancel), await second.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(first.Content.Headers.ContentDisposition, second.Content.Headers.ContentDisposition);
        Assert.Equal(1, _runs.Count);
    }

    [Fact]
    public async Task ValidationProblem_IsReplayed()
    {
        await using var app = await StartAsync();
        var key = NewKey();
        using var first = await app.PostAsync("/api/payments", key, "{\"amount\":1000}");
        using var second = await app.PostAsync("/api/payments", key, "{\"amount\":1000}");
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (first.StatusCode, second.StatusCode));
        Assert.Contains("Amount", await first.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await second.Content.ReadAsStringAsync(Cancel));
        Assert.True(second.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task UnhandledException_FreesTheKeyAndReachesTheApplication()
    {
        await using var app = await StartAsync();
        var key = NewKey();
        Assert.Equal("500 outside InvalidOperationException", await app.PostForTextAsync("/api/payments/broken", key));
        Assert.Equal("200 fine", await app.PostForTextAsync("/api/payments/broken", key));
    }

    [Fact]
    public async Task LostExecution_CancelsTheActionAndIs503()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(store: Create(fixture.Cluster.Client, time));
        var pending = app.PostAsync("/api/payments/slow", NewKey());
        await InTime(_runs.Entered.Task);
        time.Advance(TimeSpan.FromSeconds(30));
        using var response = await pending;
        await ProblemAssert.IsProblemAsync(response, HttpStatusCode.ServiceUnavailable, "execution-lost");
    }

    [Fact]
    public async Task ExceptionThatAFilterHandles_IsAResponseLikeOthers()
    {
        await using var app = await StartAsync();
        var key = NewKey();
        Assert.Equal("409 handled", await app.PostForTextAsync("/api/payments/handled", key));
        Assert.Equal("409 handled", await app.PostForTextAsync("/api/payments/handled", key));
        Assert.Equal(1, _runs.Count);
    }

    [Fact]
    public async Task SettingsOfTheAttribute_Hold()
    {
        var store = new ObservedStore(Store);
        await using var app = await StartAsync(store: store);
        var key = NewKey();
        Assert.Equal("500 outside InvalidOperationException", await app.PostForTextAsync("/api/payments/kept", key));
        using var repeated = await app.PostAsync("/api/payments/kept", key);
        await ProblemAssert.IsProblemAsync(repeated, HttpStatusCode.InternalServerError, "failed");
        var terms = store.LastOptions!;
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), 2000), (terms.WaitForResult, terms.Retention, terms.MaxResultBytes));
    }

    [Fact]
    public async Task AttributeOfTheController_HoldsForActionsWithoutTheirOwn_AndGetPasses()
    {
        await using var app = await StartAsync();
        Assert.Equal("200 run 1", await app.PostForTextAsync("/api/payments/optional", key: null));
        using var read = await app.GetAsync("/api/payments");
        Assert.Equal("run 2", await read.Content.ReadAsStringAsync(Cancel));
        var key = NewKey();
        Assert.Equal("200 run 3", await app.PostForTextAsync("/api/payments/optional", key));
        Assert.Equal("200 run 3", await app.PostForTextAsync("/api/payments/optional", key));
    }

    [Fact]
    public async Task Convention_ProtectsActionsWithoutTheAttribute()
    {
        await using var app = await StartAsync(withConvention: true);
        var key = NewKey();
        Assert.Equal("200 run 1 1", await app.PostForTextAsync("/api/orders", key));
        Assert.Equal("200 run 1 1", await app.PostForTextAsync("/api/orders", key));
        using var read = await app.GetAsync("/api/orders");
        Assert.Equal("run 2", await read.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task ConventionalRoutes_KeepActionsApart()
    {
        await using var app = await StartAsync(withConvention: true);
        var key = NewKey();
        Assert.Equal("200 one 1", await app.PostForTextAsync("/mvc/Conventional/One", key));
        Assert.Equal("200 two 2", await app.PostForTextAsync("/mvc/Conventional/Two", key));
        Assert.Equal("200 one 1", await app.PostForTextAsync("/mvc/Conventional/One", key));
    }

    private Task<IdempotencyWebApp> StartAsync(bool withConvention = false, IIdempotencyStore? store = null) => IdempotencyWebApp.StartAsync(
        store ?? Store,
        routes =>
        {
            routes.UseExceptionHandler(handler => handler.Run(context => context.Response.WriteAsync(
                $"outside {context.Features.Get<IExceptionHandlerFeature>()?.Error.GetType().Name}", Cancel)));
            var controllers = routes.MapControllers();
            var conventional = routes.MapControllerRoute("mvc", "/mvc/{controller}/{action}");
            if (withConvention)
            {
                controllers.WithIdempotency();
                conventional.WithIdempotency();
            }
        },
        services => services.AddSingleton(_runs).AddControllers().AddApplicationPart(typeof(IdempotentActionTests).Assembly));
}
