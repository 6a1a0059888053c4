using System.Net;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Discovery;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>The handler by itself, in front of a script.</summary>
public sealed class ServiceDiscoveryHandlerTests
{
    private readonly ListedRegistry _registry = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<Uri?> _sent = [];
    private Func<CancellationToken, Task<HttpResponseMessage>> _answer = _ => Task.FromResult(new HttpResponseMessage());

    public ServiceDiscoveryHandlerTests() => _registry.List(ListedRegistry.Instance("http://10.0.0.7:8080"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://orders/pay?id=7", "http://10.0.0.7:8080/pay?id=7")]
    [InlineData("http://orders:81/", "http://10.0.0.7:8080/")]
    [InlineData("https+http://orders/a%20b/c%2Fd?x=%2F#part", "https://a.example:8443/v1/a%20b/c%2Fd?x=%2F#part")]
    [InlineData("https://orders/pay", "https://a.example:8443/v1/pay")]
    [InlineData("http://_admin.orders/pay", "http://[::1]:9000/pay")]
    public async Task Request_IsSentToTheInstance_AndHasItsOwnAddressAgain(string asked, string expected)
    {
        _registry.List(ListedRegistry.Instance("http://10.0.0.7:8080") with
        {
            Endpoints = new Dictionary<string, Uri> { ["https"] = new("https://a.example:8443/v1/"), ["admin"] = new("http://[::1]:9000") },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, asked);

        using var response = await SendAsync(request);

        Assert.Equal(expected, Assert.Single(_sent)?.AbsoluteUri);
        Assert.Equal(new Uri(asked), request.RequestUri);
        Assert.Equal(["orders"], _registry.Asked);
        Assert.True(await EndAsync());
    }

    [Theory]
    [InlineData("http://10.0.0.7:8080/pay")]
    [InlineData("http://[::1]/pay")]
    [InlineData("http://localhost:5000/pay")]
    public async Task Request_ToAMachine_IsLeftAlone(string asked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, asked);
        using var response = await SendAsync(request);
        Assert.Equal(new Uri(asked), Assert.Single(_sent));
        Assert.Empty(_registry.Asked);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, true)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task Answer_EndsTheCall(int status, bool expected)
    {
        _answer = _ => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status));
        using var response = await SendAsync();
        Assert.Equal(expected, await EndAsync());
    }

    public static TheoryData<Exception, bool?> Exceptions => new()
    {
        { new HttpRequestException(), false },
        { new TimeoutException(), false },
        { new OperationCanceledException(), false },
        { new BrokenCircuitException(), null },
        { new InvalidOperationException(), null },
    };

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public async Task Exception_EndsTheCall_AndIsThrown(Exception exception, bool? expected)
    {
        _answer = _ => Task.FromException<HttpResponseMessage>(exception);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/pay");
        Assert.Same(exception, await Record.ExceptionAsync(() => SendAsync(request)));
        Assert.Equal(expected, await EndAsync());
        Assert.Equal(new Uri("http://orders/pay"), request.RequestUri);
    }

    [Theory]
    [InlineData(8.9, null, null)]
    [InlineData(9, null, false)]
    [InlineData(1, 2.0, null)]
    [InlineData(2, 2.0, false)]
    public async Task Cancellation_SaysNothing_UnlessTheCallTookLong(double seconds, double? timeoutAfter, bool? expected)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _answer = async token =>
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await caller.CancelAsync();
            return await Task.FromCanceled<HttpResponseMessage>(token);
        };
        var options = new ServiceDiscoveryHandlerOptions { TimeoutAfter = timeoutAfter is { } after ? TimeSpan.FromSeconds(after) : null };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(options: options, cancellationToken: caller.Token));
        Assert.Equal(expected, await EndAsync());
    }

    [Fact]
    public async Task Predicate_ThatThrows_SaysNothingAndKeepsNoConnection()
    {
        var content = new DisposedContent();
        _answer = _ => Task.FromResult(new HttpResponseMessage { Content = content });
        var options = new ServiceDiscoveryHandlerOptions { ShouldHandle = _ => throw new InvalidOperationException() };
        await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(options: options));
        Assert.Null(await EndAsync());
        Assert.True(content.IsDisposed);
    }

    [Fact]
    public async Task Options_ReachTheRegistry()
    {
        var options = new ServiceDiscoveryHandlerOptions
        {
            Policy = LoadBalancing.RendezvousHash,
            Filter = instance => instance.Id == "b",
            KeyOf = request => request.RequestUri?.AbsolutePath,
            ShouldHandle = outcome => outcome.Result?.StatusCode == HttpStatusCode.OK,
        };
        _registry.List(ListedRegistry.Instance("http://a:80", "a"), ListedRegistry.Instance("http://b:80", "b"));
        using var response = await SendAsync(options: options);
        Assert.Equal("b", Assert.Single(_sent)?.Host);
        Assert.Equal([(LoadBalancing.RendezvousHash, "/pay")], _registry.Begun);
        Assert.False(await EndAsync());
    }

    [Fact]
    public async Task Service_WithoutAFittingAddress_IsNotFound()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://orders/pay");
        Assert.Equal("orders", (await Assert.ThrowsAsync<ServiceNotFoundException>(() => SendAsync(request))).Service);
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task Send_Synchronously_DoesTheSame()
    {
        using var invoker = Invoker();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/pay");
        using var response = invoker.Send(request, Token);
        Assert.Equal(new Uri("http://10.0.0.7:8080/pay"), Assert.Single(_sent));
        Assert.True(await EndAsync());
    }

    /// <summary>How the only call has ended, once.</summary>
    private async Task<bool?> EndAsync()
    {
        var end = await _registry.EndAsync();
        Assert.Equal(0, _registry.UnreadEnds);
        return end;
    }

    private HttpMessageInvoker Invoker(ServiceDiscoveryHandlerOptions? options = null) =>
        new(new ServiceDiscoveryHandler(_registry, _time, options) { InnerHandler = new Script(this) });

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage? request = null, ServiceDiscoveryHandlerOptions? options = null, CancellationToken? cancellationToken = null)
    {
        request ??= new HttpRequestMessage(HttpMethod.Get, "http://orders/pay");
        using var invoker = Invoker(options);
        return await invoker.SendAsync(request, cancellationToken ?? Token);
    }

    private sealed class Script(ServiceDiscoveryHandlerTests test) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            test._sent.Add(request.RequestUri);
            return test._answer(cancellationToken);
        }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            SendAsync(request, cancellationToken).GetAwaiter().GetResult();
    }

    private sealed class DisposedContent : ByteArrayContent
    {
        internal DisposedContent()
            : base([])
        {
        }

        internal bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
