using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using Polly.CircuitBreaker;
using Polly.Timeout;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>What an HttpClient's handler counts as what, and what it does to calls. The answers are played.</summary>
public sealed class CircuitBreakerHandlerTests : ScriptedBreakerTests
{
    public static TheoryData<Exception, bool> Exceptions => new()
    {
        { new HttpRequestException("Connection refused"), true },
        { new TimeoutException(), true },
        { new TimeoutRejectedException(), true },
        { new TaskCanceledException("A connection could not be established in time.", new TimeoutException()), true },
        { new InvalidOperationException("a bug of ours"), false },
        { new BrokenCircuitException("another breaker"), false },
    };

    [Theory]
    [InlineData(200, false)]
    [InlineData(302, false)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(409, false)]
    [InlineData(499, false)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(599, true)]
    public async Task Answer_IsAFailureOrNot(int status, bool isFailure)
    {
        using var client = Client(Start(), _ => Answer(status));
        foreach (var response in new[] { await client.GetAsync("/", Token), client.Send(new HttpRequestMessage(HttpMethod.Get, "/"), Token) })
        {
            Assert.Equal(status, (int)response.StatusCode);
        }

        var report = await NextReportAsync();
        Assert.Equal(isFailure ? (0, 2) : (2, 0), (report.Successes, report.Failures));
    }

    [Theory]
    [MemberData(nameof(Exceptions))]
    public async Task Exception_IsAFailureOrNot(Exception exception, bool isFailure)
    {
        using var client = Client(Start(), _ => throw exception);
        Assert.Same(exception, await Record.ExceptionAsync(() => client.GetAsync("/", Token)));
        Assert.Same(exception, Record.Exception(() => client.Send(new HttpRequestMessage(HttpMethod.Get, "/"), Token)));
        var report = await NextReportAsync();
        Assert.Equal(isFailure ? (0, 2) : (2, 0), (report.Successes, report.Failures));
    }

    [Theory]
    [InlineData(8_999, 0)]
    [InlineData(9_000, 1)]
    public async Task Cancellation_IsATimeoutByHowLongItTook(int milliseconds, int failures)
    {
        using var client = Client(Start());
        await CancelAfterAsync(client, milliseconds);
        await CheckAsync(failures, client);
    }

    [Theory]
    [InlineData(null, 899, 0)]
    [InlineData(null, 900, 1)]
    [InlineData(300, 299, 0)]
    [InlineData(300, 300, 1)]
    public async Task Cancellation_IsATimeoutByTheClientsOwn(int? timeoutAfter, int milliseconds, int failures)
    {
        await using var services = new ServiceCollection()
            .AddSingleton<ICircuitBreakerProvider>(new OneBreaker(Start()))
            .AddHttpClient("payments", client => (client.BaseAddress, client.Timeout) = (new Uri("http://payments"), Seconds(1)))
            .AddClusterCircuitBreaker(configure: options => options.TimeoutAfter = timeoutAfter is { } after ? TimeSpan.FromMilliseconds(after) : null)
            .ConfigurePrimaryHttpMessageHandler(() => new PlayedHandler(WellOrNever))
            .Services.BuildServiceProvider();
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("payments");
        await CancelAfterAsync(client, milliseconds);
        await CheckAsync(failures, client);
    }

    [Fact]
    public async Task Open_ThrowsAndSendsNothing()
    {
        var breaker = Start();
        var sent = 0;
        using var client = Client(breaker, _ =>
        {
            sent++;
            return Answer(200);
        });
        await TripAsync(breaker);
        Assert.Equal(Seconds(5), (await Assert.ThrowsAsync<BrokenCircuitException>(() => client.GetAsync("/", Token))).RetryAfter);
        Assert.Throws<BrokenCircuitException>(() => client.Send(new HttpRequestMessage(HttpMethod.Get, "/"), Token));
        Assert.Equal(0, sent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HalfOpen_ClosesAfterThreeProbes(bool isSynchronous)
    {
        var breaker = Start();
        using var client = Client(breaker);
        await TripAsync(breaker);
        Time.Advance(Seconds(5));
        for (var probe = 1; probe <= 3; probe++)
        {
            Assert.Equal(BreakerState.HalfOpen, breaker.State);
            var response = isSynchronous
                ? await DeadContext.RunAsync(() => client.Send(new HttpRequestMessage(HttpMethod.Get, "/"), Token))
                : await client.GetAsync("/", Token).Soon();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((BreakerState.Closed, 3), (breaker.State, Cluster.ProbesAsked));
    }

    [Fact]
    public async Task ShouldHandle_CanBeWidened()
    {
        var options = new CircuitBreakerHandlerOptions
        {
            ShouldHandle = outcome => CircuitBreakerHandlerOptions.IsTransient(outcome) || outcome.Result?.StatusCode == HttpStatusCode.Conflict,
        };
        using var client = Client(Start(), _ => Answer(409), options);
        await client.GetAsync("/", Token);
        var report = await NextReportAsync();
        Assert.Equal((0, 1), (report.Successes, report.Failures));
    }

    [Fact]
    public async Task PredicateThatThrows_IsAskedOnce_AndTheResponseIsLetGo()
    {
        var asked = 0;
        using var content = new ObservedContent();
        using var client = Client(
            Start(),
            _ => Task.FromResult(new HttpResponseMessage { Content = content }),
            new CircuitBreakerHandlerOptions
            {
                ShouldHandle = _ =>
                {
                    asked++;
                    throw new InvalidOperationException("A predicate's own fault.");
                },
            });
        Assert.Equal(
            "A predicate's own fault.", (await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync("/", Token).Soon())).Message);
        Assert.Equal((1, true), (asked, content.IsDisposed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HalfOpen_CallerThatGivesUpWhileItAsks_WaitsNoLonger(bool isSynchronous)
    {
        var breaker = Start();
        using var client = Client(breaker);
        await TripAsync(breaker);
        Time.Advance(TimeSpan.FromSeconds(5));
        Cluster.HoldAnswers();
        using var cancellation = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        var call = isSynchronous
            ? Task.Run(() => client.Send(request, cancellation.Token), Token)
            : client.SendAsync(request, cancellation.Token);
        await Cluster.NextAskAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
        Cluster.LetAnswersGo();
        Assert.Equal(CallOutcome.Cancelled, await Cluster.NextEndedProbeAsync());
    }

    [Fact]
    public void Options_WithoutAMeaning_AreRefused()
    {
        var breaker = Start();
        Assert.StartsWith(
            "CircuitBreakerHandlerOptions.TimeoutAfter must be more than zero, or null for 9 seconds or less.",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new CircuitBreakerHandler(breaker, new CircuitBreakerHandlerOptions { TimeoutAfter = TimeSpan.Zero })).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "CircuitBreakerHandlerOptions.ShouldHandle is null; it must be a function. The default is IsTransient. (Parameter 'options')",
            Assert.Throws<ArgumentException>(
                () => new CircuitBreakerHandler(breaker, new CircuitBreakerHandlerOptions { ShouldHandle = null! })).Message);
        Assert.Equal(
            "The client has no name of its own that could be the dependency's. Give the dependency's. (Parameter 'dependency')",
            Assert.Throws<ArgumentException>(() => new ServiceCollection().AddHttpClient("").AddClusterCircuitBreaker()).Message);
    }

    private static HttpClient Client(
        ICircuitBreaker breaker, Func<HttpRequestMessage, Task<HttpResponseMessage>>? answer = null, CircuitBreakerHandlerOptions? options = null) =>
        new(new CircuitBreakerHandler(breaker, options) { InnerHandler = new PlayedHandler((request, token) => answer?.Invoke(request) ?? WellOrNever(request, token)) })
        {
            BaseAddress = new Uri("http://payments"),
        };

    private static Task<HttpResponseMessage> Answer(int status) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status));

    private static Task<HttpResponseMessage> WellOrNever(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.RequestUri?.AbsolutePath == "/never"
            ? new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(cancellationToken)
            : Answer(200);

    private async Task CancelAfterAsync(HttpClient client, int milliseconds)
    {
        using var cancellation = new CancellationTokenSource();
        var call = client.GetAsync("/never", cancellation.Token);
        await Time.ArmedAsync(RepairInterval);
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        if (milliseconds >= RepairInterval.TotalMilliseconds)
        {
            // Asks for news, and must be done before anything is counted: or it would report that, at once.
            await Time.ArmedAsync(RepairInterval);
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
    }

    private async Task CheckAsync(int failures, HttpClient client)
    {
        await client.GetAsync("/", Token);
        var report = await NextReportAsync();
        Assert.Equal((1, failures), (report.Successes, report.Failures));
    }

    private sealed class ObservedContent : StringContent
    {
        public ObservedContent()
            : base("")
        {
        }

        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    private sealed class OneBreaker(ICircuitBreaker breaker) : ICircuitBreakerProvider
    {
        public ICircuitBreaker Get(string dependency) => dependency == breaker.Name ? breaker : throw new InvalidOperationException(dependency);
    }

    private sealed class PlayedHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request, cancellationToken);

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request, cancellationToken).GetAwaiter().GetResult();
    }
}
