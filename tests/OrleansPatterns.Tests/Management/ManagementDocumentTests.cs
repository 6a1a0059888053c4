using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansPatterns.Tests.Management;

/// <summary>The OpenAPI document that the console serves is made here, of the endpoints as they are.</summary>
/// <remarks>After a change of the API: <c>ORLEANSPATTERNS_WRITE_OPENAPI=1</c> has the test write the file anew, for the next build.</remarks>
public sealed class ManagementDocumentTests(MemoryCluster fixture)
{
    private const string Prefix = "/patterns/api";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string SourceFile => Path.Combine(SourceRoot(), "src", "OrleansPatterns.AspNetCore", "Management", "openapi.json");

    [Fact]
    public async Task Document_IsOfTheEndpointsAsTheyAre()
    {
        await using var app = await ManagementApp.StartAsync(
            fixture.Cluster,
            map: routes =>
            {
                routes.MapOpenApi();
                routes.MapOrleansPatterns();
            },
            configure: services => services.AddOpenApi());
        var expected = await MakeAsync(app);
        if (Environment.GetEnvironmentVariable("ORLEANSPATTERNS_WRITE_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(SourceFile, expected, TestContext.Current.CancellationToken);
        }

        using var response = await app.GetAsync($"{Prefix}/openapi.json");
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Document_HasEveryEndpoint()
    {
        using var embedded = typeof(OrleansPatternsEndpointExtensions).Assembly.GetManifestResourceStream("management/openapi.json")!;
        var document = JsonNode.Parse(embedded)!;
        Assert.Equal(
            [
                "/breaker", "/breaker/close", "/breaker/hold", "/breakers", "/idempotency-key", "/idempotency-key/free", "/idempotency-keys", "/lock",
                "/lock/break", "/locks", "/overview", "/saga", "/saga/cancel", "/saga/compensate", "/saga/give-up", "/saga/retry", "/saga/skip", "/sagas",
                "/service", "/service/override", "/service/release", "/services", "/session",
            ],
            document["paths"]!.AsObject().Select(path => path.Key).Order(StringComparer.Ordinal));
    }

    private static async Task<string> MakeAsync(ManagementApp app)
    {
        using var response = await app.GetAsync("/openapi/v1.json");
        var document = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        document["info"] = new JsonObject { ["title"] = "OrleansPatterns management API", ["version"] = "1" };
        document["servers"] = new JsonArray(new JsonObject { ["url"] = "." });
        var paths = new JsonObject();
        foreach (var (path, item) in document["paths"]!.AsObject().Where(path => path.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            paths[path[Prefix.Length..]] = item!.DeepClone();
        }

        document["paths"] = paths;
        return document.ToJsonString(Readable) + "\n";
    }

    private static string SourceRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "OrleansPatterns.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException($"No OrleansPatterns.sln above {AppContext.BaseDirectory}.");
    }
}
