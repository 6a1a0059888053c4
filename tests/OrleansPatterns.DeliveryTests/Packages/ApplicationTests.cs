using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Npgsql;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.DeliveryTests.Packages;

/// <summary>Fresh applications, one for each way of use, which know the packages and nothing of this repository.</summary>
[Collection<Packaging>]
public sealed class ApplicationTests(PackageFeed feed)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_ItsClient_AndOneThatOnlyTakesLocks_WorkTogether()
    {
        var silo = await FreshApplication.BuildAsync(feed, "CoHosted", Token);
        var client = await FreshApplication.BuildAsync(feed, "Client", Token);
        var locksOnly = await FreshApplication.BuildAsync(feed, "LocksOnly", Token);
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions { ConnectionString = "" }, Token);
        await using var database = await postgres.CreateDatabaseAsync(Token);
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings__OrleansPatterns"] = database.ConnectionString,
            ["Orleans__ClusterId"] = "fresh",
            ["Orleans__ServiceId"] = "fresh",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["URLS"] = "http://127.0.0.1:0",
            ["SiloPort"] = FreePort(),
            ["GatewayPort"] = FreePort(),
        };

        await using var serving = silo.Start(settings);
        var said = await serving.SaysAsync(Token);
        var heard = await client.RunAsync(settings, Token);
        var locked = await locksOnly.RunAsync(settings, Token);

        const string Charged = """{"sku":"sku-42","charges":1}""";
        Assert.Equal([Charged, Charged], said["Answers"]!.AsArray().Select(answer => answer!.GetValue<string>()));
        Assert.Equal("Completed", Text(said, "Saga"));
        Assert.Equal("called", Text(said, "Breaker"));
        Assert.Equal("Healthy", Text(said, "Health"));
        Assert.True(said["Orders"]!.GetValue<bool>());
        Assert.True(said["Console"]!.GetValue<bool>());
        Assert.Equal(("Completed", 1, 1), (Text(heard, "Saga"), Number(heard, "Runs"), Number(heard, "Orders")));
        Assert.True(Number(said, "Token") < Number(heard, "Token") && Number(heard, "Token") < Number(locked, "Token"), $"{said} {heard} {locked}");

        // And not only by their own account.
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("select status from orleanspatterns_catalog where pattern = 'saga' and key = 'order-7'");
        Assert.Equal("Completed", await command.ExecuteScalarAsync(Token));
        await serving.EndAsync(Token);
    }

    [Fact]
    public async Task ApplicationThatOnlyTakesLocks_HasNeitherAspNetCoreNorDbUp()
    {
        var application = await FreshApplication.BuildAsync(feed, "LocksOnly", Token);

        var frameworks = JsonNode.Parse(await File.ReadAllTextAsync(application.OutputFile("runtimeconfig.json"), Token))!["runtimeOptions"]!;
        Assert.Equal("Microsoft.NETCore.App", frameworks["framework"]!["name"]!.GetValue<string>());
        var packages = JsonNode.Parse(await File.ReadAllTextAsync(application.OutputFile("deps.json"), Token))!["libraries"]!.AsObject().Select(library => library.Key).ToList();
        Assert.Contains($"OrleansPatterns/{PackageFeed.Version}", packages);
        string[] unwanted = ["dbup", "Testcontainers", "Grpc", "Microsoft.Orleans.Server", "Microsoft.Orleans.Persistence", "OrleansPatterns."];
        Assert.DoesNotContain(packages, package => unwanted.Any(name => package.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task TestProject_RunsItsTestsOnAClusterInMemory()
    {
        var tests = await FreshApplication.BuildAsync(feed, "InTests", Token);

        // It ends with another code if one fails, or if there is none.
        await tests.RunToEndAsync(new Dictionary<string, string>(), Token);
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private static string Text(JsonNode said, string name) => said[name]!.GetValue<string>();

    private static long Number(JsonNode said, string name) => said[name]!.GetValue<long>();
}
