using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Testing;
using Polly.CircuitBreaker;
using BreakerState = OrleansPatterns.CircuitBreakers.BreakerState;

namespace OrleansPatterns.Tests.Testing;

public sealed class BreakerTests(TripCluster fixture) : IClassFixture<TripCluster>
{
    private readonly string _name = $"dependency-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PatternsTestCluster Patterns => fixture.Patterns;

    [Fact]
    public async Task OpenBreaker_RefusesCallsOfEveryone_UntilItsBreakIsOver()
    {
        await Patterns.OpenBreakerAsync(_name, Token);

        await AssertRefusedAsync<BrokenCircuitException>();
        await Patterns.AdvanceAsync(TimeSpan.FromSeconds(6), Token);
        Assert.Equal([BreakerState.HalfOpen], Everyone().Select(breaker => breaker.State).Distinct());
    }

    /// <summary>Not only those who had failing calls are cut off.</summary>
    [Fact]
    public async Task OpenBreaker_ThatPassesCalls_OpensForAllOfThem()
    {
        foreach (var breaker in Everyone())
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SucceedAsync(breaker)));
        }

        await Patterns.AdvanceAsync(TimeSpan.FromMilliseconds(200), Token);
        await Patterns.OpenBreakerAsync(_name, Token);

        await AssertRefusedAsync<BrokenCircuitException>();
        Assert.Equal(BreakerState.Open, (await Patterns.Service<ICircuitBreakerOperations>().GetStatusAsync(_name, Token)).Snapshot.State);
    }

    [Fact]
    public async Task OpenBreaker_ThatIsIsolatedOrOpen_IsOpen()
    {
        await Patterns.IsolateBreakerAsync(_name, Token);
        await Patterns.OpenBreakerAsync(_name, Token);
        await AssertRefusedAsync<BrokenCircuitException>();
        await Patterns.OpenBreakerAsync(_name, Token);
        await AssertRefusedAsync<BrokenCircuitException>();
    }

    [Fact]
    public async Task IsolateBreaker_RefusesCallsOfEveryone_UntilItIsClosed()
    {
        await Patterns.IsolateBreakerAsync(_name, Token);
        await AssertRefusedAsync<IsolatedCircuitException>();
        await Patterns.AdvanceAsync(TimeSpan.FromMinutes(2), Token);
        await AssertRefusedAsync<IsolatedCircuitException>();

        await Patterns.CloseBreakerAsync(_name, Token);
        foreach (var breaker in Everyone())
        {
            Assert.Equal(BreakerState.Closed, breaker.State);
            await SucceedAsync(breaker);
        }
    }

    [Fact]
    public async Task HalfOpenBreaker_LetsProbesThrough_AndIsClosedByThem()
    {
        await Patterns.HalfOpenBreakerAsync(_name, Token);
        Assert.Equal([BreakerState.HalfOpen], Everyone().Select(breaker => breaker.State).Distinct());

        var breaker = Patterns.Breakers.Get(_name);
        for (var probe = 0; probe < 3; probe++)
        {
            await SucceedAsync(breaker);
        }

        Assert.Equal(BreakerState.Closed, breaker.State);
    }

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(9, 8, 0.5)]
    [InlineData(1_000_000, 3, 0.1)]
    public async Task OpenBreaker_WithOtherSettings_IsOpen(int throughput, int callers, double share)
    {
        await using var patterns = await PatternsTestCluster.StartAsync(options =>
        {
            options.Silos = 1;
            options.ConfigureClient(client => client.Services.Configure<CircuitBreakerOptions>(_name, breaker =>
            {
                breaker.MinimumThroughput = throughput;
                breaker.MinimumCallers = callers;
                breaker.MaxCallerShare = share;
                breaker.ConsecutiveFailures = 1;
            }));
        });
        await patterns.OpenBreakerAsync(_name, Token);
        Assert.Equal(BreakerState.Open, patterns.Breakers.Get(_name).State);
    }

    private static Task<int> SucceedAsync(ICircuitBreaker breaker) => breaker.ExecuteAsync(_ => Task.FromResult(1), Token);

    private async Task AssertRefusedAsync<TRefusal>()
        where TRefusal : BrokenCircuitException
    {
        foreach (var breaker in Everyone())
        {
            await Assert.ThrowsAsync<TRefusal>(() => SucceedAsync(breaker));
        }
    }

    private IEnumerable<ICircuitBreaker> Everyone() => Patterns.TestCluster.Silos
        .Select(silo => Patterns.TestCluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<ICircuitBreakerProvider>())
        .Prepend(Patterns.Breakers)
        .Select(breakers => breakers.Get(_name));
}
