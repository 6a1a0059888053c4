using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class HealthProberHttpTests
{
    private static readonly InstanceHealthCheck Http = new() { Kind = HealthCheckKind.Http };

    [Theory]
    [InlineData(200, null)]
    [InlineData(204, null)]
    [InlineData(299, null)]
    [InlineData(300, "GET /health answered 300")]
    [InlineData(404, "GET /health answered 404")]
    [InlineData(503, "GET /health answered 503")]
    public async Task Http_AnsweringWithAStatus_IsWellFrom200To299(int status, string? expected)
    {
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/health", () => Results.StatusCode(status)));
        var probing = new HealthProbing();
        Assert.Equal(expected, await probing.AskAsync(server.Address, Http));
    }

    [Fact]
    public async Task Http_Path_IsAskedWithItsQueryAndOnTheInstanceOnly()
    {
        var asked = Channel.CreateUnbounded<string>();
        await using var server = await HealthServer.StartAsync(app => app.MapFallback(context =>
        {
            asked.Writer.TryWrite($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            return Task.CompletedTask;
        }));
        var probing = new HealthProbing();
        foreach (var (path, expected) in new[] { ("/ready?deep=1", "GET /ready?deep=1"), ("//10.0.0.1/ready", "GET //10.0.0.1/ready") })
        {
            Assert.Null(await probing.AskAsync(server.Address, Http with { Path = path }));
            Assert.Equal(expected, await NextAsync(asked));
        }
    }

    [Fact]
    public async Task Http_Redirect_IsNotFollowed()
    {
        var followed = 0;
        await using var server = await HealthServer.StartAsync(app =>
        {
            app.MapGet("/health", () => Results.Redirect("/elsewhere"));
            app.MapGet("/elsewhere", () => Interlocked.Increment(ref followed));
        });
        var probing = new HealthProbing();
        Assert.Equal("GET /health answered 302", await probing.AskAsync(server.Address, Http));
        Assert.Equal(0, followed);
    }

    [Fact]
    public async Task Http_Body_IsNotWaitedFor()
    {
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/health", async (HttpContext context) =>
        {
            await context.Response.Body.FlushAsync();
            await Until(context.RequestAborted);
        }));
        var probing = new HealthProbing();
        Assert.Null(await probing.AskAsync(server.Address, Http));
    }

    [Fact]
    public async Task Http_Repeated_MakesANewConnectionAndClosesIt()
    {
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/health", () => "well"));
        var probing = new HealthProbing();
        for (var probe = 1; probe <= 2; probe++)
        {
            Assert.Null(await probing.AskAsync(server.Address, Http));
            await server.ClosedAsync();
            Assert.Equal(probe, server.OpenedConnections);
        }
    }

    [Fact]
    public async Task Http_WithoutAnAnswer_EndsAtTheTimeout()
    {
        var arrived = Channel.CreateUnbounded<bool>();
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/health", async (HttpContext context) =>
        {
            arrived.Writer.TryWrite(true);
            await Until(context.RequestAborted);
        }));
        var probing = new HealthProbing();
        var check = Http with { Timeout = TimeSpan.FromSeconds(1.5) };
        var probe = probing.AskAsync(server.Address, check);
        await NextAsync(arrived);

        probing.Time.Advance(check.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(probe.IsCompleted);
        probing.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("no answer within 1.5 s", await probe);
        await server.ClosedAsync();
    }

    [Fact]
    public async Task Http_WhenTheCallerCancels_ThrowsForItsToken()
    {
        var arrived = Channel.CreateUnbounded<bool>();
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/health", async (HttpContext context) =>
        {
            arrived.Writer.TryWrite(true);
            await Until(context.RequestAborted);
        }));
        var probing = new HealthProbing();
        using var caller = new CancellationTokenSource();
        var probe = probing.ProbeAsync(server.Address, Http, caller.Token);
        await NextAsync(arrived);

        await caller.CancelAsync();

        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe)).CancellationToken);
    }

    [Fact]
    public async Task MaxConcurrent_IsNeverExceeded_AndWaitingIsNotCountedAsTheInstances()
    {
        var arrived = Channel.CreateUnbounded<TaskCompletionSource>();
        var (open, most) = (0, 0);
        await using var server = await HealthServer.StartAsync(app =>
        {
            app.MapGet("/other", () => "well");
            app.MapGet("/health", async () =>
            {
                var now = Interlocked.Increment(ref open);
                most = Math.Max(most, now);
                var release = new TaskCompletionSource();
                arrived.Writer.TryWrite(release);
                await release.Task;
                Interlocked.Decrement(ref open);
            });
        });
        var probing = new HealthProbing(maxConcurrent: 1);
        var unlimited = new HealthProbing();
        var patient = Http with { Timeout = TimeSpan.FromMinutes(1) };
        var first = probing.AskAsync(server.Address, patient);
        var releaseFirst = await NextAsync(arrived);
        var second = probing.AskAsync(server.Address, Http);

        // Checks by another prober, which take as long as the second would need to get through.
        for (var other = 0; other < 5; other++)
        {
            Assert.Null(await unlimited.AskAsync(server.Address, Http with { Path = "/other" }));
        }

        probing.Time.Advance(Http.Timeout * 2);
        releaseFirst.SetResult();
        Assert.Null(await first);
        (await NextAsync(arrived)).SetResult();
        Assert.Null(await second);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Https_WithACertificateThatNobodyKnows_IsNotWell()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await HealthServer.StartAsync(app => app.MapGet("/health", () => "well"), certificate: certificate);
        var probing = new HealthProbing();
        Assert.StartsWith("TLS failed: ", await probing.AskAsync(server.Address, Http), StringComparison.Ordinal);
    }

    private static Task<T> NextAsync<T>(Channel<T> channel) =>
        channel.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    private static Task Until(CancellationToken token) => Task.Delay(Timeout.InfiniteTimeSpan, new ObservedTime(), token);
}
