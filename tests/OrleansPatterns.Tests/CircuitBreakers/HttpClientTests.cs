using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>A client from the factory, a real server, and breakers of two processes on a cluster in memory.</summary>
public sealed class HttpClientTests(MemoryCluster fixture) : IAsyncLifetime
{
    private readonly string _dependency = FreshDependency();
    private WebApplication? _server;
    private ServiceProvider? _services;
    private TimeSpan _timeout = TimeSpan.FromSeconds(60);
    private int _requests;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Client => _services!.GetRequiredService<IHttpClientFactory>().CreateClient("payments");

    private ICircuitBreaker There => fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[0].SiloAddress)
        .GetRequiredService<ICircuitBreakerProvider>().Get(_dependency);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.MapGet("/unavailable", () =>
        {
            Interlocked.Increment(ref _requests);
            return Results.StatusCode(503);
        });
        _server.MapGet("/never", async (HttpContext context) => await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        await _server.StartAsync(Token);
        _services = new ServiceCollection()
            .AddSingleton(fixture.Service<ICircuitBreakerProvider>())
            .AddHttpClient("payments", client => (client.BaseAddress, client.Timeout) = (new Uri(_server.Urls.Single()), _timeout))
            .AddClusterCircuitBreaker(_dependency)
            .Services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task ServiceThatIsUnavailable_IsLeftAloneByEveryProcess()
    {
        var opened = There.UntilAsync(BreakerState.Open);
        for (var call = 0; call < 100; call++)
        {
            Assert.Equal(503, (int)(await Client.GetAsync("/unavailable", Token)).StatusCode);
        }

        await opened;
        await fixture.Service<ICircuitBreakerProvider>().Get(_dependency).UntilAsync(BreakerState.Open);
        var requests = _requests;
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Client.GetAsync("/unavailable", Token));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => There.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.Equal(requests, _requests);
    }

    [Fact]
    public async Task ServiceThatHangs_OpensByTheClientsOwnTimeout()
    {
        _timeout = TimeSpan.FromMilliseconds(500);
        var opened = There.UntilAsync(BreakerState.Open);
        var exceptions = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Record.ExceptionAsync(() => Client.GetAsync("/never", Token)).AsTask()));
        Assert.All(exceptions, exception => Assert.IsType<TimeoutException>(Assert.IsType<TaskCanceledException>(exception).InnerException));
        await opened;
    }
}
