using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceDiscoveryHandlerOptionsTests
{
    [Fact]
    public void Defaults_AreKept()
    {
        var options = new ServiceDiscoveryHandlerOptions();
        Assert.Equal((null, null, null, null), (options.Policy, options.Filter, options.KeyOf, options.TimeoutAfter));
    }

    [Fact]
    public void Options_WithoutMeaning_AreRefused()
    {
        Assert.Equal(
            "ServiceDiscoveryHandlerOptions.ShouldHandle is null; it must be a function. The default is IsFailure. (Parameter 'options')",
            Assert.Throws<ArgumentException>(() => Handler(new ServiceDiscoveryHandlerOptions { ShouldHandle = null! })).Message);
        Assert.StartsWith(
            "ServiceDiscoveryHandlerOptions.TimeoutAfter must be more than zero, or null for 9 seconds or less.",
            Assert.Throws<ArgumentOutOfRangeException>(() => Handler(new ServiceDiscoveryHandlerOptions { TimeoutAfter = TimeSpan.Zero })).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "ServiceDiscoveryHandlerOptions.Policy must be a policy, or null for DiscoveryOptions.LoadBalancing.",
            Assert.Throws<ArgumentOutOfRangeException>(() => Handler(new ServiceDiscoveryHandlerOptions { Policy = LoadBalancing.None })).Message,
            StringComparison.Ordinal);
    }

    private static ServiceDiscoveryHandler Handler(ServiceDiscoveryHandlerOptions options) => new(new ListedRegistry(), new FakeTimeProvider(), options);
}
