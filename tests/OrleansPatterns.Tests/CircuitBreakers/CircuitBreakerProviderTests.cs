using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class CircuitBreakerProviderTests
{
    [Fact]
    public async Task Dispose_StopsAllBreakers_AndGivesNoMore()
    {
        // Every ask for the grain fails: the cluster is away.
        var provider = new CircuitBreakerProvider(
            grains: null!, cluster: null!, new SameOptions(), TestInstruments.Breakers, new ObservedTime(), NullLoggerFactory.Instance);
        var breakers = Enumerable.Range(0, 5).Select(number => CircuitBreaker.Own(provider.Get($"dependency-{number}"))).ToList();
        Assert.Same(breakers[3], provider.Get("dependency-3"));
        Assert.All(breakers, breaker => Assert.False(breaker.Running.IsCompleted));

        await provider.DisposeAsync();
        Assert.All(breakers, breaker => Assert.True(breaker.Running.IsCompletedSuccessfully));
        Assert.Throws<ObjectDisposedException>(() => provider.Get("another"));
    }

    private sealed class SameOptions : IOptionsMonitor<CircuitBreakerOptions>
    {
        public CircuitBreakerOptions CurrentValue => Get(null);

        public CircuitBreakerOptions Get(string? name) => new();

        public IDisposable? OnChange(Action<CircuitBreakerOptions, string?> listener) => null;
    }
}
