using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Idempotency;
using OrleansPatterns.Idempotency;
using System.Security.Claims;
using static OrleansPatterns.Tests.Idempotency.IdempotencyTestStore;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>Whose keys are kept apart, and which requests are the same.</summary>
public sealed class IdempotencyScopeTests(MemoryCluster fixture)
{
    private int _runs;

    private IIdempotencyStore Store => fixture.Service<IIdempotencyStore>();

    [Fact]
    public async Task UsersIssuersAndRoutes_HaveKeysOfTheirOwn()
    {
        await using var app = await StartCounterAsync();
        var key = NewKey();
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", key));
        Assert.Equal("200 run 2", await app.PostForTextAsync("/count", key, user: "ann"));
        Assert.Equal("200 run 3", await app.PostForTextAsync("/count", key, user: "bob"));
        Assert.Equal("200 run 4", await app.PostForTextAsync("/count", key, user: "ann", issuer: "https://one.example"));
        Assert.Equal("200 run 5", await app.PostForTextAsync("/count", key, user: "ann", issuer: "https://two.example"));
        Assert.Equal("200 run 6", await app.PostForTextAsync("/other", key, user: "ann"));
        Assert.Equal("200 run 2", await app.PostForTextAsync("/count", key, user: "ann"));
        Assert.Equal("200 run 4", await app.PostForTextAsync("/count", key, user: "ann", issuer: "https://one.example"));
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", key));
    }

    [Fact]
    public async Task ScopeOf_KeepsTenantsApart()
    {
        await using var app = await StartCounterAsync(options => options.ScopeOf = context => context.Request.Query["tenant"].FirstOrDefault());
        var key = NewKey();
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count?tenant=a", key, user: "ann"));
        Assert.Equal("200 run 2", await app.PostForTextAsync("/count?tenant=b", key, user: "ann"));
        Assert.Equal("200 run 3", await app.PostForTextAsync("/count?tenant=", key, user: "ann"));
        Assert.Equal("200 run 4", await app.PostForTextAsync("/count", key, user: "ann"));
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count?tenant=a", key, user: "ann"));
    }

    [Fact]
    public void UsersOfOneApplicationIdentity_AreKeptApart()
    {
        static string ScopeOf(params ClaimsIdentity[] identities) =>
            RequestScope.Of(new DefaultHttpContext { User = new ClaimsPrincipal(identities) }, "/count", owner: null);

        var gateway = new ClaimsIdentity([new Claim("sub", "gateway")], "app");
        var (ann, bob) = (new ClaimsIdentity([new Claim("sub", "ann")], "user"), new ClaimsIdentity([new Claim("sub", "bob")], "user"));
        var addedByTransformation = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "not authenticated")]);
        Assert.NotEqual(ScopeOf(gateway, ann), ScopeOf(gateway, bob));
        Assert.Equal(ScopeOf(gateway, ann), ScopeOf(ann, gateway, addedByTransformation));
        Assert.Equal(ScopeOf(addedByTransformation), ScopeOf());
        Assert.Throws<InvalidOperationException>(() => ScopeOf(new ClaimsIdentity([new Claim("sub", "")], "user")));
    }

    [Theory]
    [InlineData("/count?again=1", "{\"amount\":1}", "application/json")]
    [InlineData("/count", "{\"amount\":2}", "application/json")]
    [InlineData("/count", "{\"amount\":1}", "text/plain")]
    [InlineData("/count", "{\"amount\":1}", "application/merge-patch+json")]
    [InlineData("/count", "{\"amount\":1,}", "application/json")]
    public async Task OtherRequest_Is422(string path, string body, string contentType)
    {
        await using var app = await StartCounterAsync();
        var key = NewKey();
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", key));
        Assert.StartsWith("422 ", await app.PostForTextAsync(path, key, body, contentType: contentType), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":[1,2]}", "application/json", "{ \"b\": [1, 2],\n \"a\": 1.0 }", "Application/JSON; charset=\"UTF-8\"", true)]
    [InlineData("{\"a\":1,\"b\":2}", "application/merge-patch+json", "{\"b\":2,\"a\":1}", "application/merge-patch+json;charset=utf-8", true)]
    [InlineData("{\"a\":[1,2]}", "application/json", "{\"a\":[2,1]}", "application/json", false)]
    [InlineData("{\"a\":1}", "application/json", "{\"a\":1}", "application/json; charset=utf-16", false)]
    [InlineData("{\"a\":1,\"b\":2}", "text/plain", "{\"b\":2,\"a\":1}", "text/plain", false)]
    [InlineData("{\"a\":1", "application/json", "{\"a\":1 ", "application/json", false)]
    [InlineData("{\"a\":1", "application/json", "{\"a\":1", "application/json", true)]
    [InlineData("[\"\\ud800\"]", "application/json", "[\"\\ud801\"]", "application/json", false)]
    [InlineData("[\"\\ud800\"]", "application/json", "[\"\\ud800\"]", "application/json", true)]
    [InlineData("{\"\\ud800\":1}", "application/json", "{\"\\ud801\":1}", "application/json", false)]
    [InlineData("a", "text/plain; charset=utf-8; version=1", "a", "TEXT/plain;version=\"1\";Charset=UTF-8", true)]
    [InlineData("a", "text/plain; version=a", "a", "text/plain; version=A", false)]
    [InlineData("", "application/json", "", "application/json", true)]
    public async Task Bodies_AreComparedByMeaningWhereTheyAreJson(string body, string contentType, string otherBody, string otherType, bool areSame)
    {
        await using var app = await StartCounterAsync();
        var key = NewKey();
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", key, body, contentType: contentType));
        Assert.StartsWith(areSame ? "200 run 1" : "422 ", await app.PostForTextAsync("/count", key, otherBody, contentType: otherType), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JsonThatIsNotUtf8_IsComparedByItsBytes()
    {
        await using var app = await StartCounterAsync();
        var header = "Idempotency-Key: " + NewKey();
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "[\"\u00ff\"]", header))).Body);
        Assert.Equal("run 1", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "[\"\u00ff\"]", header))).Body);
        Assert.StartsWith(
            "HTTP/1.1 422 ", (await RawHttp.ExchangeAsync(app, RawHttp.Post("/count", "[\"\u00fe\"]", header))).StatusLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FormThatWasReadBefore_IsComparedByItsFields()
    {
        // As the antiforgery middleware does; the body has no bytes left then.
        await using var app = await IdempotencyWebApp.StartAsync(Store, routes =>
        {
            routes.Use(async (context, next) =>
            {
                _ = await context.Request.ReadFormAsync(TestContext.Current.CancellationToken);
                await next(context);
            });
            MapCounters(routes);
        });
        const string Form = "application/x-www-form-urlencoded";
        var key = NewKey();
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", key, "a=1&b=2", contentType: Form));
        Assert.Equal("200 run 1", await app.PostForTextAsync("/count", key, "b=2&a=1", contentType: Form));
        Assert.StartsWith("422 ", await app.PostForTextAsync("/count", key, "a=1&b=3", contentType: Form), StringComparison.Ordinal);
    }

    private Task<IdempotencyWebApp> StartCounterAsync(Action<HttpIdempotencyOptions>? configure = null) =>
        IdempotencyWebApp.StartAsync(Store, MapCounters, services => services.Configure(configure ?? (_ => { })));

    private void MapCounters(WebApplication routes)
    {
        routes.MapPost("/count", () => $"run {Interlocked.Increment(ref _runs)}").WithIdempotency();
        routes.MapPost("/other", () => $"run {Interlocked.Increment(ref _runs)}").WithIdempotency();
    }
}
