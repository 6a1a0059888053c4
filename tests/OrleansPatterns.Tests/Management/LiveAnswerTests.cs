using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Management;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Tests.Management;

public sealed class LiveAnswerTests(MemoryCluster fixture)
{
    private static readonly BreakerStatus Closed = new()
    {
        Snapshot = new BreakerSnapshot { State = BreakerState.Closed, Generation = 1 }, Successes = 0, Failures = 0, Callers = 0,
    };

    private readonly ObservedTime _time = new();
    private readonly ScriptedBreakers _breakers = new() { Status = Closed };

    [Fact]
    public async Task LivePage_HasTheWholeAtOnce_AndAnewWithEachChange()
    {
        await using var app = await StartAsync();
        using var live = await WatchAsync(app);
        Assert.Equal(
            (HttpStatusCode.OK, "text/event-stream", "no-store"),
            (live.Response.StatusCode, live.Response.Content.Headers.ContentType?.MediaType, live.Response.Headers.CacheControl?.ToString()));

        _breakers.Status = Closed with { Failures = 3 };
        await PassAsync();
        Assert.Equal((3, _time.GetUtcNow()), await FailuresAsync(live));
    }

    [Fact]
    public async Task LivePage_WithoutAChange_IsKeptAlive()
    {
        await using var app = await StartAsync();
        using var live = await WatchAsync(app);
        for (var second = 0; second < 15; second++)
        {
            await PassAsync();
        }

        Assert.Equal((":", null), await live.NextAsync());
    }

    [Fact]
    public async Task LivePage_WhileTheClusterIsAway_SaysSoOnce_AndGoesOn()
    {
        await using var app = await StartAsync();
        using var live = await WatchAsync(app);

        _breakers.Fault = new ClusterUnavailableException("look at breaker 'b'", TimeSpan.FromSeconds(5), new TimeoutException());
        await PassAsync();
        var (name, problem) = (await live.NextAsync())!.Value;
        Assert.Equal(("problem", "urn:orleanspatterns:management:cluster-unavailable"), (name, (string?)problem!["type"]));
        await PassAsync();

        _breakers.Fault = null;
        await PassAsync();
        Assert.Equal((0, _time.GetUtcNow()), await FailuresAsync(live));
    }

    [Fact]
    public async Task LivePages_OfTheSame_AskOnce()
    {
        await using var app = await StartAsync();
        using var first = await app.WatchAsync("breaker?name=b");
        using var second = await app.WatchAsync("breaker?name=b");
        using var other = await app.WatchAsync("breaker?name=c");
        await FailuresAsync(first);
        await FailuresAsync(second);
        await FailuresAsync(other);
        Assert.Equal(["b", "c"], _breakers.Asked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task LivePages_HaveABound_AndGiveTheirPlaceBack()
    {
        var reads = new LiveReads(_time);
        var places = Enumerable.Range(0, LiveReads.MaxStreams).Select(_ => reads.TryEnter(out var place) ? place : throw new InvalidOperationException("full")).ToList();
        Assert.False(reads.TryEnter(out _));
        places[0].Dispose();
        places[0].Dispose();
        Assert.True(reads.TryEnter(out _));
        Assert.False(reads.TryEnter(out _));
    }

    [Fact]
    public async Task LivePage_EndsAfterAWhile_SoThatItIsLetInAnew()
    {
        await using var app = await StartAsync();
        using var live = await WatchAsync(app);
        _time.Advance(LiveAnswer.MaxDuration);
        Assert.Null(await live.NextAsync());
    }

    [Fact]
    public async Task LivePage_EndsWithTheApplication()
    {
        await using var app = await StartAsync();
        using var live = await WatchAsync(app);
        await app.StopAsync();
        Assert.Null(await live.NextAsync());
    }

    private static async Task<(int Failures, DateTimeOffset AsOf)> FailuresAsync(LiveEvents live)
    {
        var (name, data) = (await live.NextAsync())!.Value;
        Assert.Equal("", name);
        return ((int)data!["failures"]!, (DateTimeOffset)data["asOf"]!);
    }

    /// <summary>Opens a page that has shown what there is, and waits for changes.</summary>
    private async Task<LiveEvents> WatchAsync(ManagementApp app)
    {
        var live = await app.WatchAsync("breaker?name=b");
        Assert.Equal((0, _time.GetUtcNow()), await FailuresAsync(live));
        await _time.ArmedAsync(LiveReads.Interval);
        return live;
    }

    /// <summary>Lets it look once more.</summary>
    private async Task PassAsync()
    {
        _time.Advance(LiveReads.Interval);
        await _time.ArmedAsync(LiveReads.Interval);
    }

    private Task<ManagementApp> StartAsync() => ManagementApp.StartAsync(
        fixture.Cluster, configure: services => services.AddSingleton<TimeProvider>(_time).AddSingleton<ICircuitBreakerOperations>(_breakers));

    private sealed class ScriptedBreakers : ICircuitBreakerOperations
    {
        private readonly Lock _gate = new();
        private readonly List<string> _asked = [];

        internal BreakerStatus Status { get; set; } = Closed;

        internal Exception? Fault { get; set; }

        internal IReadOnlyList<string> Asked
        {
            get
            {
                lock (_gate)
                {
                    return [.. _asked];
                }
            }
        }

        public Task<BreakerStatus> GetStatusAsync(string dependency, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                _asked.Add(dependency);
            }

            return Fault is { } fault ? Task.FromException<BreakerStatus>(fault) : Task.FromResult(Status);
        }

        public Task HoldAsync(string dependency, BreakerOverride byHand, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CloseAsync(string dependency, string author, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
