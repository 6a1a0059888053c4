using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using Polly.CircuitBreaker;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>One process' breaker whose cluster can be taken away, on a clock that only the test moves.</summary>
public sealed class LonelyBreakerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Cluster _cluster = new();
    private readonly CircuitBreaker _breaker;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public LonelyBreakerTests()
    {
        var options = new CircuitBreakerOptions { MinimumThroughput = 10, FailureRatio = 0.5, SuccessfulProbes = 1 };
        var caller = new ClusterCaller(_time, Options.Create(new ClusterCallOptions()));
        _breaker = new CircuitBreaker("payments", "here", _cluster, grains: null!, caller, options, _time, NullLogger<CircuitBreaker>.Instance);
    }

    public ValueTask DisposeAsync() => _breaker.DisposeAsync();

    [Fact]
    public async Task Execute_WithTheClusterAway_OpensByItsOwnCountsClosesByItsOwnProbeAndJoinsAgain()
    {
        _cluster.IsAway = true;
        await FailAsync(10);
        await AdvanceUntilAsync(BreakerState.Open);
        var refused = await Assert.ThrowsAsync<BrokenCircuitException>(() => _breaker.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(5.5));

        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, await _breaker.ExecuteAsync(_ => Task.FromResult(1), Token));
        Assert.Equal(BreakerState.Closed, _breaker.State);

        _cluster.IsAway = false;
        _cluster.Snapshot = new BreakerSnapshot { State = BreakerState.Isolated, Generation = 1, Reason = "meanwhile" };
        await AdvanceUntilAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task Execute_CancelledByItsCaller_CountsAsNeither()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        _cluster.IsAway = true;
        for (var call = 0; call < 20; call++)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _breaker.ExecuteAsync(Task.FromCanceled, cancelled.Token));
        }

        // The calls that count come after: were the cancelled ones failures, these nine successes would find the breaker open.
        for (var call = 0; call < 9; call++)
        {
            await _breaker.ExecuteAsync(_ => Task.FromResult(1), Token);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    private async Task FailAsync(int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => _breaker.ExecuteAsync(
                _ => Task.FromException(new TimeZoneNotFoundException()), Token));
        }
    }

    /// <summary>Moves the clock by the process' own steps until the state is there; a state that never comes ends the test by its token.</summary>
    private async Task AdvanceUntilAsync(BreakerState state)
    {
        while (_breaker.State != state)
        {
            Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private sealed class Cluster : IBreakerTransport
    {
        public bool IsAway { get; set; }

        public BreakerSnapshot Snapshot { get; set; } = new() { State = BreakerState.Closed, Generation = 0 };

        public Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, IBreakerObserver observer) => AnswerAsync(Snapshot);

        public Task<BreakerSnapshot> ReportAsync(BreakerReport report) => AnswerAsync(Snapshot);

        public Task<ProbeReply> TryAcquireProbeAsync(string caller, BreakerSettings settings) => AnswerAsync(new ProbeReply { Snapshot = Snapshot });

        public Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, ProbeOutcome outcome) => AnswerAsync(Snapshot);

        private Task<T> AnswerAsync<T>(T answer) => IsAway ? Task.FromException<T>(new TimeoutException("The cluster is away.")) : Task.FromResult(answer);
    }
}
