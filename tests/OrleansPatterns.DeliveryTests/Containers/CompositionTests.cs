using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Medallion.Threading;
using OrleansPatterns.Locks;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>Whether what the compose file starts does what it is for.</summary>
public sealed class CompositionTests(RunningComposition composition) : IClassFixture<RunningComposition>
{
    /// <summary>By its id neither declined nor undeliverable, see OrderFate.</summary>
    private const string OrderId = "order-of-a-test";

    /// <summary>So many that each silo has some of them.</summary>
    private const int Keys = 24;

    /// <summary>What a lock that was in use waits for after a crash is twice this; handed over, it is there at once.</summary>
    private static readonly TimeSpan Limit = (new LockOptions().Lease + new LockOptions().GrantHorizon) / 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Order_SentToThePublishedPort_GoesThroughAllServicesToCompleted()
    {
        using var http = new HttpClient { BaseAddress = composition["orders"][0].Address, Timeout = TimeSpan.FromSeconds(60) };

        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = JsonContent.Create(new { orderId = OrderId, sku = "article-01", quantity = 1, amount = 9.90m }),
        };
        request.Headers.Add("Idempotency-Key", OrderId);
        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Completed", (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("/patterns/")]
    [InlineData("/patterns/api/overview")]
    [InlineData("/dashboard/")]
    public async Task Console_OnThePublishedPort_LetsInWhoHasTheToken(string path)
    {
        using var http = new HttpClient { BaseAddress = composition["orders"][0].Address };

        using var stranger = await http.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", RunningComposition.OperatorsToken) } };
        using var @operator = await http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, @operator.StatusCode);
    }

    [Fact]
    public async Task Silos_StoppedOneAfterTheOther_HandOverEveryLock()
    {
        var locks = composition.Client<IDistributedLockProvider>();
        var held = await AllAsync(Enumerable.Range(0, Keys).Select(number => $"held-{number}"), key => locks.AcquireLockAsync(key, cancellationToken: Token).AsTask());
        var waiting = locks.AcquireLockAsync("held-0", cancellationToken: Token).AsTask();
        var gracePeriod = RunningComposition.Compose["silo"].StopGracePeriod;

        foreach (var silo in composition["silo"])
        {
            // Each has been in use until a moment before its silo stops.
            var used = Enumerable.Range(0, Keys).Select(number => $"used-{silo.Name}-{number}").ToList();
            await AllAsync(used, UseAsync);

            var (exitCode, took) = await silo.StopAsync();
            Assert.True(exitCode == 0, $"{silo.Name} has ended with {exitCode}:\n{silo.Said}");
            Assert.True(took < gracePeriod, $"{silo.Name} took {took} to stop; the compose file waits for {gracePeriod}.");

            var longest = (await AllAsync(used, UseAsync)).Max();
            Assert.True(longest < Limit, $"After {silo.Name} had stopped, a lock that was free was granted after {longest}.");
            TestContext.Current.TestOutputHelper?.WriteLine($"{silo.Name} stopped after {took}; then the longest wait for a free lock was {longest}.");
        }

        Assert.All(held, handle => Assert.False(handle.HandleLostToken.IsCancellationRequested));
        Assert.False(waiting.IsCompleted);
        await AllAsync(held, async handle =>
        {
            await handle.DisposeAsync();
            return true;
        });
        await using var next = await waiting.WaitAsync(Limit, Token);
        Assert.True(next.FencingToken > held[0].FencingToken);

        async Task<TimeSpan> UseAsync(string key)
        {
            var watch = Stopwatch.StartNew();
            await using var handle = await locks.AcquireLockAsync(key, cancellationToken: Token);
            return watch.Elapsed;
        }
    }

    private static Task<TResult[]> AllAsync<TSource, TResult>(IEnumerable<TSource> sources, Func<TSource, Task<TResult>> doAsync) =>
        Task.WhenAll(sources.Select(doAsync));
}
