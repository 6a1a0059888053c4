using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using OrleansPatterns.PostgresTests.Postgres;

namespace OrleansPatterns.PostgresTests.WaysOfUse;

/// <summary>An ASP.NET Core application that is itself a silo.</summary>
public sealed class CoHostedSiloTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostWithIdempotencyKey_Repeated_IsExecutedOnce()
    {
        await using var database = await server.Postgres.CreateDatabaseAsync(Token);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var (siloPort, gatewayPort) = SiloHost.FreePorts();
        builder.UseOrleans(silo => silo
            .ConfigureEndpoints(System.Net.IPAddress.Loopback, siloPort, gatewayPort)
            .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = "co-hosted")
            .UsePostgres(database.ConnectionString, SiloHost.FromEnvironment)
            .AddOrleansPatterns());

        await using var app = builder.Build();
        var executions = 0;
        app.MapPost("/payments", () => Results.Ok(Interlocked.Increment(ref executions))).WithIdempotency();
        await app.StartAsync(Token);

        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.Add("Idempotency-Key", "order-7");
        using var first = await http.PostAsJsonAsync("/payments", new { Amount = 5 }, Token);
        using var second = await http.PostAsJsonAsync("/payments", new { Amount = 5 }, Token);

        Assert.Equal("1", await first.Content.ReadAsStringAsync(Token));
        Assert.Equal("1", await second.Content.ReadAsStringAsync(Token));
        Assert.True(second.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(1, executions);
        await app.StopAsync(Token);
    }
}
