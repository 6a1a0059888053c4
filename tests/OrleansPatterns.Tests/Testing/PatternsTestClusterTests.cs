using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Cluster;
using OrleansPatterns.Locks;
using OrleansPatterns.Testing;

namespace OrleansPatterns.Tests.Testing;

public sealed class PatternsTestClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_InOneLine_HasAllFivePatternsOnAClockThatStandsStill()
    {
        await using var patterns = await PatternsTestCluster.StartAsync();
        Assert.Equal(2, patterns.TestCluster.Silos.Count);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), patterns.Time.GetUtcNow());
        await using var handle = await patterns.Locks.AcquireLockAsync("sku", cancellationToken: Token);
        Assert.Equal(1, await patterns.Breakers.Get("payments").ExecuteAsync(_ => Task.FromResult(1), Token));
        await using var registration = await patterns.Registry.RegisterAsync("orders", new Uri("http://orders"), Token);
        Assert.Equal(2, await patterns.Idempotency.ExecuteAsync("key", "f", _ => Task.FromResult(2), cancellationToken: Token));

        // No silo runs sagas, which may change, so the client asks again and again: on a clock that stands still, for ever.
        await Assert.ThrowsAsync<ClusterUnavailableException>(
            () => patterns.AdvanceUntilAsync(patterns.Sagas.GetStatusAsync("none", Token), cancellationToken: Token));
        Assert.Equal(handle.FencingToken, (await patterns.Service<ILockOperations>().GetStatusAsync("sku", Token)).FencingToken);
    }

    /// <summary>Every silo and the client, those started later as well.</summary>
    [Fact]
    public async Task Configure_ReachesEveryHost()
    {
        var marker = new TripLedger();
        await using var patterns = await PatternsTestCluster.StartAsync(options =>
        {
            options.Silos = 1;
            options
                .ConfigureSilo(silo => silo.Services.AddSingleton(marker).Configure<LockOptions>(locks => locks.TokenBlock = 77))
                .ConfigureSilo(silo => silo.AddSaga<TripSaga, Trip>())
                .ConfigureClient(client => client.Services.AddSingleton(marker));
        });
        await patterns.StartSiloAsync();

        Assert.Same(marker, patterns.Service<TripLedger>());
        Assert.Equal(2, patterns.TestCluster.Silos.Count);
        foreach (var silo in patterns.TestCluster.Silos)
        {
            var services = patterns.TestCluster.GetSiloServiceProvider(silo.SiloAddress);
            Assert.Same(marker, services.GetRequiredService<TripLedger>());
            Assert.Equal(77, services.GetRequiredService<IOptions<LockOptions>>().Value.TokenBlock);
        }
    }

    [Fact]
    public async Task Start_WithASagaThatIsWrong_SaysWhat()
    {
        // Its ledger is missing.
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => PatternsTestCluster.StartAsync(
            options => options.ConfigureSilo(silo => silo.AddSaga<TripSaga, Trip>())));
        Assert.Contains(nameof(TripLedger), exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public async Task Start_WithANumberOfSilosOutOfBounds_IsRefused(int silos) =>
        await Assert.ThrowsAsync<ArgumentException>(() => PatternsTestCluster.StartAsync(options => options.Silos = silos));

    [Fact]
    public async Task RealTime_CannotBeMoved()
    {
        await using var patterns = await PatternsTestCluster.StartAsync(options => (options.Silos, options.UseRealTime) = (1, true));
        await using var handle = await patterns.Locks.AcquireLockAsync("sku", cancellationToken: Token);

        Assert.Throws<InvalidOperationException>(() => patterns.Time);
        await Assert.ThrowsAsync<InvalidOperationException>(() => patterns.AdvanceAsync(TimeSpan.FromSeconds(1), Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => patterns.ExpireLockAsync("sku", Token));
        await patterns.OpenBreakerAsync("payments", Token);
    }

    [Fact]
    public async Task OwnTestCluster_HasTheSameHelpers()
    {
        var time = new FakeTimeProvider();
        await using var cluster = new TestClusterBuilder().AddOrleansPatterns(time).Build();
        await cluster.DeployAsync(Token);
        var patterns = cluster.AsPatternsTestCluster();
        Assert.Same(time, patterns.Time);
        await using var silent = await patterns.Locks.AcquireLockAsync("sku", cancellationToken: Token);
        await patterns.ExpireLockAsync("sku", Token);
        Assert.True(silent.HandleLostToken.IsCancellationRequested);

        await Assert.ThrowsAsync<InvalidOperationException>(() => patterns.KillSiloAsync(cluster.Primary));
        Assert.Throws<InvalidOperationException>(() => patterns.CrashStep<TripSaga>("hotel"));
        await patterns.KillSiloAsync();
        await using var next = await patterns.AdvanceUntilAsync(patterns.Locks.AcquireLockAsync("sku", cancellationToken: Token).AsTask(), cancellationToken: Token);
        Assert.True(next.FencingToken > silent.FencingToken);
    }
}
