using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Clients from the factory, with retries and breakers around the handler, in front of real servers.</summary>
public sealed class ServiceDiscoveryClientTests(MemoryCluster fixture)
{
    private readonly ListedRegistry _registry = new();
    private readonly string _dependency = FreshDependency();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retry_Outside_PicksAnewForEachAttempt()
    {
        await using var broken = await NamedServer.StartAsync("a", Unavailable);
        await using var sound = await NamedServer.StartAsync("b");
        _registry.List(broken.Instance, sound.Instance);
        await using var services = Services(http => http.AddHttpMessageHandler(() => new RetryHandler()).AddClusterServiceDiscovery());
        Assert.Equal($"b {sound.Address.Authority} /pay", await Client(services).GetStringAsync(new Uri("http://orders/pay"), Token));
        Assert.Equal([false, true], [await _registry.EndAsync(), await _registry.EndAsync()]);
    }

    [Fact]
    public async Task Breaker_Outside_CountsWhatTheInstancesAnswer()
    {
        await using var broken = await NamedServer.StartAsync("a", Unavailable);
        _registry.List(broken.Instance);
        await using var services = Services(http => http.AddClusterCircuitBreaker(_dependency).AddClusterServiceDiscovery());
        using var response = await Client(services).GetAsync(new Uri("http://orders/pay"), Token);
        Assert.False(await _registry.EndAsync());

        await Breaker.IsolateAsync("test", Token);
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => Client(services).GetAsync(new Uri("http://orders/pay"), Token));
        Assert.Single(_registry.Begun);
    }

    [Fact]
    public async Task Breaker_Inside_RefusesWithoutAWordAboutTheInstance()
    {
        await using var sound = await NamedServer.StartAsync("a");
        _registry.List(sound.Instance);
        await using var services = Services(http => http.AddClusterServiceDiscovery().AddClusterCircuitBreaker(_dependency));
        Assert.StartsWith("a ", await Client(services).GetStringAsync(new Uri("http://orders/pay"), Token), StringComparison.Ordinal);
        Assert.True(await _registry.EndAsync());

        await Breaker.IsolateAsync("test", Token);
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => Client(services).GetAsync(new Uri("http://orders/pay"), Token));
        Assert.Null(await _registry.EndAsync());
    }

    [Fact]
    public async Task Body_ThatIsStillComing_KeepsNoCallUnderWay()
    {
        var finish = new TaskCompletionSource();
        await using var server = await NamedServer.StartAsync("a", async context =>
        {
            await context.Response.WriteAsync("first ", Token);
            await finish.Task;
            await context.Response.WriteAsync("last", Token);
        });
        _registry.List(server.Instance);
        await using var services = Services(http => http.AddClusterServiceDiscovery());

        using var response = await Client(services).GetAsync(new Uri("http://orders/pay"), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.True(await _registry.EndAsync());

        finish.SetResult();
        Assert.Equal("first last", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(0, _registry.UnreadEnds);
    }

    [Fact]
    public async Task Instance_ThatHangs_HasFailedByTheClientsOwnTimeout()
    {
        await using var hanging = await NamedServer.StartAsync(
            "a", context => context.Request.Path == "/hang" ? new TaskCompletionSource().Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);
        _registry.List(hanging.Instance);
        await using var services = Services(http => http.ConfigureHttpClient(client => client.Timeout = TimeSpan.FromSeconds(1)).AddClusterServiceDiscovery());

        // The first request takes time that is not the instance's.
        using var response = await Client(services).GetAsync(new Uri("http://orders/pay"), Token);
        Assert.True(await _registry.EndAsync());
        await Assert.ThrowsAsync<TaskCanceledException>(() => Client(services).GetAsync(new Uri("http://orders/hang"), Token));
        Assert.False(await _registry.EndAsync());
    }

    [Fact]
    public async Task Instance_ThatIsGone_HasFailed()
    {
        var gone = await NamedServer.StartAsync("a");
        await gone.DisposeAsync();
        _registry.List(gone.Instance);
        await using var services = Services(http => http.AddClusterServiceDiscovery());
        await Assert.ThrowsAsync<HttpRequestException>(() => Client(services).GetAsync(new Uri("http://orders/pay"), Token));
        Assert.False(await _registry.EndAsync());
    }

    [Fact]
    public async Task GrpcChannels_AreToldNotToBalance()
    {
        using var sockets = new SocketsHttpHandler();
        await using var services = Services(http => http.AddClusterServiceDiscovery().ConfigurePrimaryHttpMessageHandler(() => sockets));
        _ = Client(services);
        Assert.Equal(true, sockets.Properties["__GrpcLoadBalancingDisabled"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServiceDiscovery_ThatAllClientsHave_DoesNotPickBefore(bool isAddedFirst)
    {
        await using var server = await NamedServer.StartAsync("a");
        _registry.List(server.Instance);
        await using var services = Services(http =>
        {
            http.Services.AddServiceDiscoveryCore().AddClusterServiceEndpointProvider();
            if (isAddedFirst)
            {
                http.Services.ConfigureHttpClientDefaults(all => all.AddServiceDiscovery());
            }

            http.AddClusterServiceDiscovery();
            if (!isAddedFirst)
            {
                http.AddServiceDiscovery();
            }
        });
        Assert.StartsWith("a ", await Client(services).GetStringAsync(new Uri("http://orders/pay"), Token), StringComparison.Ordinal);
        Assert.Single(_registry.Begun);
        Assert.Equal(0, _registry.Watches);
    }

    private ICircuitBreaker Breaker => fixture.Service<ICircuitBreakerProvider>().Get(_dependency);

    private static Task Unavailable(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    private static HttpClient Client(ServiceProvider services) => services.GetRequiredService<IHttpClientFactory>().CreateClient("orders");

    private ServiceProvider Services(Action<IHttpClientBuilder> configure)
    {
        var services = new ServiceCollection()
            .AddSingleton<IServiceRegistry>(_registry)
            .AddSingleton(fixture.Service<TimeProvider>())
            .AddSingleton(fixture.Service<ICircuitBreakerProvider>());
        configure(services.AddHttpClient("orders"));
        return services.BuildServiceProvider();
    }

    private sealed class RetryHandler : DelegatingHandler
    {
        private static readonly ResiliencePipeline<HttpResponseMessage> Retry = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                Delay = TimeSpan.Zero,
                ShouldHandle = arguments => ValueTask.FromResult(CircuitBreakerHandlerOptions.IsTransient(arguments.Outcome)),
            })
            .Build();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            await Retry.ExecuteAsync(async token => await base.SendAsync(request, token), cancellationToken);
    }
}
