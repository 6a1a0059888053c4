using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

/// <summary>What the document of Microsoft.AspNetCore.OpenApi says of protected operations, and of others.</summary>
public sealed class IdempotencyOpenApiTests(MemoryCluster fixture)
{
    private static readonly string[] Refusals = ["400", "409", "413", "422", "503"];

    [Fact]
    public async Task ProtectedOperations_ShowTheHeaderAndTheRefusals()
    {
        await using var app = await StartAsync();
        using var document = await ReadAsync(app);

        AssertProtected(document, "/minimal", "post", isRequired: true);
        AssertProtected(document, "/optional", "patch", isRequired: false);
        AssertProtected(document, "/declared", "post", isRequired: true);
        AssertProtected(document, "/api/payments", "post", isRequired: true);
        AssertProtected(document, "/api/payments/optional", "post", isRequired: false);
        AssertProtected(document, "/api/orders", "post", isRequired: true);
    }

    [Theory]
    [InlineData("/read", "get")]
    [InlineData("/grouped", "get")]
    [InlineData("/unprotected", "post")]
    [InlineData("/api/payments", "get")]
    [InlineData("/api/orders", "get")]
    public async Task OtherOperations_DoNot(string path, string method)
    {
        await using var app = await StartAsync();
        using var document = await ReadAsync(app);
        var operation = Operation(document, path, method);
        Assert.False(operation.TryGetProperty("parameters", out _));
        Assert.Equal(["200"], operation.GetProperty("responses").EnumerateObject().Select(response => response.Name));
    }

    [Fact]
    public async Task ResponseThatTheEndpointDeclares_StaysItsOwn()
    {
        await using var app = await StartAsync();
        using var document = await ReadAsync(app);
        var conflict = Operation(document, "/declared", "post").GetProperty("responses").GetProperty("409");
        Assert.Equal(["text/plain"], conflict.GetProperty("content").EnumerateObject().Select(content => content.Name));
    }

    private static void AssertProtected(JsonDocument document, string path, string method, bool isRequired)
    {
        var operation = Operation(document, path, method);
        var header = Assert.Single(operation.GetProperty("parameters").EnumerateArray());
        Assert.Equal(
            (path == "/declared" ? "idempotency-key" : "Idempotency-Key", "header", "string", isRequired),
            (
                header.GetProperty("name").GetString(),
                header.GetProperty("in").GetString(),
                header.GetProperty("schema").GetProperty("type").GetString(),
                header.TryGetProperty("required", out var required) && required.GetBoolean()));
        var responses = operation.GetProperty("responses").EnumerateObject().ToDictionary(response => response.Name, response => response.Value);
        Assert.Equal(["200", .. Refusals], responses.Keys.Order());
        Assert.All(
            Refusals.Except(path == "/declared" ? ["409"] : []),
            status => Assert.Equal(
                "#/components/schemas/ProblemDetails",
                responses[status].GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString()));
    }

    private static JsonElement Operation(JsonDocument document, string path, string method) =>
        document.RootElement.GetProperty("paths").GetProperty(path).GetProperty(method);

    private static async Task<JsonDocument> ReadAsync(IdempotencyWebApp app)
    {
        using var response = await app.GetAsync("/openapi/v1.json");
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private Task<IdempotencyWebApp> StartAsync() => IdempotencyWebApp.StartAsync(
        fixture.Service<IIdempotencyStore>(),
        routes =>
        {
            routes.MapOpenApi();
            routes.MapPost("/minimal", () => Results.Ok()).WithIdempotency();
            routes.MapPatch("/optional", () => "done").WithIdempotency(options => options.IsKeyRequired = false);
            routes.MapPost("/declared", ([FromHeader(Name = "idempotency-key")] string? key) => Results.Text(key))
                .Produces(200)
                .Produces<string>(409, "text/plain")
                .WithIdempotency();
            routes.MapGet("/read", () => "done").WithIdempotency();
            routes.MapGroup("").WithIdempotency().MapGet("/grouped", () => "done");
            routes.MapPost("/unprotected", () => "done");
            routes.MapControllers().WithIdempotency();
        },
        services => services.AddOpenApi().AddHttpIdempotency().AddSingleton(new ActionRuns()).AddControllers()
            .AddApplicationPart(typeof(IdempotencyOpenApiTests).Assembly));
}
