using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Locks;
using Xunit;

public sealed class CheckoutTests
{
    [Fact]
    public async Task Lock_TakenTwice_HasAHigherToken()
    {
        var time = new FakeTimeProvider();
        await using var cluster = new TestClusterBuilder().AddOrleansPatterns(time).Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);
        var locks = cluster.Client.ServiceProvider.GetRequiredService<IDistributedLockProvider>();

        List<long> tokens = [];
        for (var turn = 0; turn < 2; turn++)
        {
            await using var handle = await locks.AcquireLockAsync("sku-42", cancellationToken: TestContext.Current.CancellationToken);
            tokens.Add(handle.FencingToken);
        }

        Assert.True(tokens[0] < tokens[1]);
    }
}
