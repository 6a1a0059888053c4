using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Tests.Sagas;

namespace OrleansPatterns.Tests.Management;

/// <summary>What all actions have in common, by the example of one.</summary>
public sealed class ManagementActionTests(MemoryCluster fixture)
{
    private readonly string _breaker = $"breaker-{Guid.NewGuid():N}";

    private object Hold => new { name = _breaker, state = "Isolated", reason = "moving house" };

    [Fact]
    public async Task Action_WithoutProof_DoesNothing()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        using var plain = await app.PostAsync("breaker/hold", Hold);
        using var made = await app.PostAsync("breaker/hold", Hold, request => request.Headers.Add("RequestVerificationToken", "made up"));
        using var basic = await app.PostAsync("breaker/hold", Hold, request => request.Headers.Authorization = new("Basic", "YW5uOmFubg=="));
        foreach (var refusal in new[] { plain, made, basic })
        {
            await AssertProblemAsync(refusal, HttpStatusCode.BadRequest, "antiforgery");
        }

        Assert.Equal(BreakerState.Closed, await StateAsync());
        Assert.Empty(app.Log.Lines);
    }

    [Fact]
    public async Task Token_WithoutItsCookie_IsNoProof()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        var session = await app.ReadAsync("session");
        await using var other = await ManagementApp.StartAsync(fixture.Cluster);
        using var refusal = await other.PostAsync(
            "breaker/hold", Hold, request => request.Headers.Add((string)session["headerName"]!, (string)session["token"]!));
        await AssertProblemAsync(refusal, HttpStatusCode.BadRequest, "antiforgery");
        Assert.Equal(BreakerState.Closed, await StateAsync());
    }

    [Fact]
    public async Task Action_OfTheConsole_IsDone_AndLoggedWithWhoAndWhy()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster, "Production", routes => routes.MapOrleansPatterns().RequireAuthorization());
        var after = await app.ActAsync("breaker/hold", Hold, user: "ann");

        Assert.Equal(("Isolated", "ann"), ((string?)after["state"], (string?)after["override"]!["author"]));
        Assert.Equal(BreakerState.Isolated, await StateAsync());
        Assert.Equal(
            [
                $"Warning ann does 'breaker/hold' to '{_breaker} (Isolated)': moving house",
                $"Information 'breaker/hold' of ann to '{_breaker} (Isolated)' is done.",
            ],
            app.Log.Lines);
    }

    [Fact]
    public async Task Action_OfAProgram_NeedsABearerToken()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        using var done = await app.PostAsync("breaker/hold", Hold, request => request.Headers.Authorization = new("Bearer", "whatever the application takes"));
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Equal(BreakerState.Isolated, await StateAsync());
        Assert.StartsWith("Warning anonymous at 127.0.0.1 does 'breaker/hold'", app.Log.Lines[0], StringComparison.Ordinal);
    }

    /// <summary>As applications do that hand their own tokens to a page of theirs.</summary>
    [Fact]
    public async Task Action_WhereTheApplicationHasAntiforgeryOfItsOwn_IsDone()
    {
        await using var app = await ManagementApp.StartAsync(
            fixture.Cluster,
            map: routes =>
            {
                routes.Use((http, next) =>
                {
                    http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http);
                    return next(http);
                });
                routes.MapOrleansPatterns();
            },
            configure: services => services.AddAntiforgery());
        await app.ActAsync("breaker/hold", Hold);
        Assert.Equal(BreakerState.Isolated, await StateAsync());
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.BadRequest)]
    public async Task Action_ThatIsNotSaidToBeJson_IsRefused(string? contentType, HttpStatusCode expected)
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        using var refusal = await app.PostAsync("breaker/hold", Hold, request =>
        {
            request.Headers.Authorization = new("Bearer", "whatever the application takes");
            request.Content!.Headers.ContentType = contentType is null ? null : new(contentType);
        });
        Assert.Equal(expected, refusal.StatusCode);
        Assert.Equal(BreakerState.Closed, await StateAsync());
    }

    [Theory]
    [InlineData("""{"name":"b","state":"Isolated"}""")]
    [InlineData("""{"name":"b","state":"Isolated","reason":null}""")]
    [InlineData("""{"name":"b","state":"Isolated","reason":" "}""")]
    [InlineData("""{"name":null,"state":"Isolated","reason":"r"}""")]
    [InlineData("""{"name":"","state":"Isolated","reason":"r"}""")]
    [InlineData("""{"name":"b","state":"Open","reason":"r"}""")]
    [InlineData("""{"name":"b","state":4,"reason":"r"}""")]
    [InlineData("""{"name":"b","state":"Isolated","reason":"r","expiresAfterSeconds":0}""")]
    [InlineData("""{"name":"b","state":"Isolated","reason":"r","expiresAfterSeconds":-5}""")]
    [InlineData("""{"name":"b","state":"Isolated","reason":"r","expiresAfterSeconds":1e300}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task Action_ThatDoesNotSayWhatItShould_IsRefusedByName(string deed)
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        var problem = await app.ActAsync("breaker/hold", deed, HttpStatusCode.BadRequest);
        Assert.Equal("urn:orleanspatterns:management:invalid", (string?)problem["type"]);
        Assert.False(string.IsNullOrEmpty((string?)problem["detail"]));
    }

    [Theory]
    [InlineData(500, HttpStatusCode.OK)]
    [InlineData(501, HttpStatusCode.BadRequest)]
    public async Task Reason_HasABound(int length, HttpStatusCode expected)
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        await app.ActAsync("breaker/close", new { name = _breaker, reason = new string('r', length) }, expected);
    }

    [Fact]
    public async Task LineBreaksInAReason_MakeNoFurtherLineOfTheLog()
    {
        await using var app = await ManagementApp.StartAsync(fixture.Cluster);
        await app.ActAsync("breaker/close", new { name = _breaker, reason = "all well\r\nWarning bob does 'breaker/hold'" });
        Assert.All(app.Log.Lines, line => Assert.DoesNotContain('\n', line));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(
            (status, $"urn:orleanspatterns:management:{type}", "application/problem+json"),
            (response.StatusCode, (string?)problem["type"], response.Content.Headers.ContentType?.MediaType));
    }

    private async Task<BreakerState> StateAsync() =>
        (await fixture.Service<ICircuitBreakerOperations>().GetStatusAsync(_breaker, TestContext.Current.CancellationToken).Soon()).Snapshot.State;
}
