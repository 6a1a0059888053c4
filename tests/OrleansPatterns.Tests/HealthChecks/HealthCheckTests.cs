using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using OrleansPatterns.AspNetCore.HealthChecks;
using OrleansPatterns.Cluster;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Tests.HealthChecks;

/// <summary>Ready: the cluster answers. Live: the silo is not dead, whatever else is.</summary>
public sealed class HealthCheckTests
{
    [Fact]
    public async Task Checks_OfASiloAndItsClient_AreHealthy()
    {
        await using var cluster = await HealthCluster.StartAsync();
        Assert.Equal(
            ["orleanspatterns-cluster Healthy: The cluster answers.", "orleanspatterns-live Healthy: The silo is Active."],
            await HealthCluster.CheckAsync(cluster.Silo));
        Assert.Equal(
            ["orleanspatterns-cluster Healthy: The cluster answers.", "orleanspatterns-live Healthy: An Orleans client runs here."],
            await HealthCluster.CheckAsync(cluster.Client));
    }

    [Fact]
    public async Task Client_WhoseSiloDoesNotAnswer_IsNotReadyAfterThreeSeconds_AndIsLive()
    {
        await using var cluster = await HealthCluster.StartAsync();
        var release = HealthCluster.HoldAnswers();
        var checking = HealthCluster.CheckAsync(cluster.Client, "ready");
        await HealthCluster.Time.ArmedAsync(TimeSpan.FromSeconds(3));
        Assert.False(checking.IsCompleted);
        HealthCluster.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(["orleanspatterns-cluster Unhealthy: The cluster did not answer within 3 s."], await checking);
        Assert.Equal(["orleanspatterns-live Healthy: An Orleans client runs here."], await HealthCluster.CheckAsync(cluster.Client, "live"));

        release.SetResult();
        Assert.Equal(["orleanspatterns-cluster Healthy: The cluster answers."], await HealthCluster.CheckAsync(cluster.Client, "ready"));
    }

    [Fact]
    public async Task Client_WhoseSiloIsGone_IsNotReady_AndIsLive()
    {
        await using var cluster = await HealthCluster.StartAsync();
        await cluster.StopSiloAsync();
        var checking = HealthCluster.CheckAsync(cluster.Client, "ready");
        while (!checking.IsCompleted)
        {
            // Whether Orleans refuses the call at once, or holds it until there is a silo again, is its own affair.
            HealthCluster.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.StartsWith("orleanspatterns-cluster Unhealthy: The cluster ", Assert.Single(await checking), StringComparison.Ordinal);
        Assert.Equal(["orleanspatterns-live Healthy: An Orleans client runs here."], await HealthCluster.CheckAsync(cluster.Client, "live"));
    }

    [Theory]
    [InlineData(SiloStatus.Joining, HealthStatus.Healthy)]
    [InlineData(SiloStatus.Active, HealthStatus.Healthy)]
    [InlineData(SiloStatus.ShuttingDown, HealthStatus.Healthy)]
    [InlineData(SiloStatus.Stopping, HealthStatus.Healthy)]
    [InlineData(SiloStatus.Dead, HealthStatus.Unhealthy)]
    public async Task Live_IsEverySiloThatIsNotDead(SiloStatus status, HealthStatus expected) =>
        Assert.Equal(expected, (await new LivenessCheck(new Silo(status)).CheckHealthAsync(new(), TestContext.Current.CancellationToken)).Status);

    [Theory]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Dead)]
    public async Task Ready_IsNoSiloThatIsNotActive(SiloStatus status)
    {
        // No grain is asked: there is no way to one.
        var check = new ClusterCheck(grains: null!, new ObservedTime(), TimeSpan.FromSeconds(3), new Silo(status));
        var result = await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken);
        Assert.Equal((HealthStatus.Unhealthy, $"The silo is {status}: it takes no part in the cluster now."), (result.Status, result.Description));
    }

    [Theory]
    [InlineData(typeof(ArgumentException), "No silo of the cluster is known to have called AddOrleansPatterns.")]
    [InlineData(typeof(SiloUnavailableException), "The cluster cannot be reached (SiloUnavailableException).")]
    public async Task Ready_IsNobodyWhoseCallFails(Type fault, string description)
    {
        var grains = DispatchProxy.Create<IGrainFactory, NoWay>();
        ((NoWay)(object)grains).Fault = (Exception)Activator.CreateInstance(fault, "to 10.0.0.7, as clerk")!;
        var result = await new ClusterCheck(grains, new ObservedTime(), TimeSpan.FromSeconds(3)).CheckHealthAsync(new(), TestContext.Current.CancellationToken);
        Assert.Equal((HealthStatus.Unhealthy, description), (result.Status, result.Description));
        Assert.IsType(fault, result.Exception);
    }

    [Theory]
    [InlineData(1, HealthStatus.Healthy)]
    [InlineData(2, HealthStatus.Degraded)]
    [InlineData(3, HealthStatus.Unhealthy)]
    [InlineData(4, HealthStatus.Unhealthy)]
    public async Task Database_IsAsItWasFound(int fit, HealthStatus expected)
    {
        var fault = new InvalidOperationException("host and user");
        var check = new DatabaseCheck(new Database(new DatabaseFinding((DatabaseFit)fit, "found", fault)), new ObservedTime(), TimeSpan.FromSeconds(3));
        var result = await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken);
        Assert.Equal((expected, "found"), (result.Status, result.Description));
        Assert.Same(expected == HealthStatus.Unhealthy ? fault : null, result.Exception);
    }

    [Fact]
    public async Task Database_ThatDoesNotAnswer_IsUnhealthyAfterTheTimeout_AndIsNoLongerWaitedFor()
    {
        var (time, database) = (new ObservedTime(), new Database(finding: null));
        var checking = new DatabaseCheck(database, time, TimeSpan.FromSeconds(1.5)).CheckHealthAsync(new(), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1.499));
        Assert.False(checking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.001));
        var result = await checking.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal((HealthStatus.Unhealthy, "The database did not answer within 1.5 s."), (result.Status, result.Description));
        Assert.True(database.Asked.IsCancellationRequested);
    }

    [Fact]
    public void Checks_AddedTwice_AreThereOnce_AndTheDatabaseOnlyWhereThereIsOne()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddHealthChecks().AddOrleansPatterns().AddOrleansPatterns(TimeSpan.FromSeconds(1));
        Assert.Equal(["orleanspatterns-live live", "orleanspatterns-cluster ready"], Registered(services));

        services.AddSingleton<IDatabaseProbe>(new Database(finding: null));
        Assert.Equal(["orleanspatterns-live live", "orleanspatterns-cluster ready", "orleanspatterns-database ready"], Registered(services));

        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => services.AddHealthChecks().AddOrleansPatterns(TimeSpan.Zero));

        static IEnumerable<string> Registered(IServiceCollection services)
        {
            using var provider = services.BuildServiceProvider();
            return [.. provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations
                .Select(check => $"{check.Name} {string.Join(' ', check.Tags)}")];
        }
    }

    /// <summary>A grain factory that has no grain.</summary>
    public class NoWay : DispatchProxy
    {
        public Exception? Fault { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw Fault!;
    }

    private sealed class Silo(SiloStatus status) : ILocalSilo
    {
        public SiloStatus Status => status;
    }

    /// <summary>Answers so, or not at all.</summary>
    private sealed class Database(DatabaseFinding? finding) : IDatabaseProbe
    {
        public CancellationToken Asked { get; private set; }

        public async Task<DatabaseFinding> LookAsync(CancellationToken cancellationToken)
        {
            Asked = cancellationToken;
            if (finding is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, new ObservedTime(), cancellationToken);
            }

            return finding!;
        }
    }
}
