using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Sagas;
using OrleansPatterns.Testing.Cluster;

namespace OrleansPatterns.Testing;

/// <summary>
/// Silos with the five patterns and a client of theirs, in this process, without a database and on a clock that the test moves; and what a test needs to
/// have time pass, a lease expire, a breaker open, a step fail or a silo die.
/// </summary>
/// <remarks>
/// <para>Grain states of the patterns and the catalog lie outside of the silos, serialized and checked by ETag as in PostgreSQL: what was acknowledged is
/// there when a silo is killed, or all of them. States of your own grains are where you put them; Orleans' memory storage loses them with a silo.</para>
/// <para>Silos, callers and fault points are shared by all tests that use the cluster, and so is its clock: let tests of one cluster run one after the
/// other, or use keys of their own and move the clock in one place.</para>
/// </remarks>
public sealed partial class PatternsTestCluster : IAsyncDisposable
{
    private readonly TestClusterParts _parts;

    private PatternsTestCluster(TestCluster cluster, TestClusterParts parts) => (TestCluster, _parts) = (cluster, parts);

    /// <summary>Orleans' test cluster behind this one, for everything else. It has no <c>Primary</c>: all silos are alike.</summary>
    public TestCluster TestCluster { get; }

    /// <summary>
    /// The clock of all silos and of the client; it begins at 2026-01-01T00:00Z and stands still. <c>Advance</c> jumps, as when every process is paused
    /// for so long; <see cref="AdvanceAsync"/> lets time pass.
    /// </summary>
    /// <exception cref="InvalidOperationException">The cluster runs on the real clock.</exception>
    public FakeTimeProvider Time => _parts.Time as FakeTimeProvider ?? throw new InvalidOperationException(
        "This cluster runs on a clock that a test cannot move. Start it without UseRealTime, or give AddOrleansPatterns a FakeTimeProvider.");

    /// <summary>The client's locks.</summary>
    public IDistributedLockProvider Locks => Service<IDistributedLockProvider>();

    /// <summary>The client's breakers.</summary>
    public ICircuitBreakerProvider Breakers => Service<ICircuitBreakerProvider>();

    /// <summary>The client's service registry.</summary>
    public IServiceRegistry Registry => Service<IServiceRegistry>();

    /// <summary>The client's idempotency store.</summary>
    public IIdempotencyStore Idempotency => Service<IIdempotencyStore>();

    /// <summary>The client's sagas.</summary>
    public ISagaClient Sagas => Service<ISagaClient>();

    /// <summary>Starts a cluster. When this returns, all silos know each other and the client is connected.</summary>
    /// <param name="configure">What is different from the defaults, and what the application adds.</param>
    /// <exception cref="ArgumentException">The number of silos is out of bounds.</exception>
    /// <exception cref="OrleansConfigurationException">What the application added is wrong, for instance a saga's definition.</exception>
    public static async Task<PatternsTestCluster> StartAsync(Action<PatternsTestClusterOptions>? configure = null)
    {
        var options = new PatternsTestClusterOptions();
        configure?.Invoke(options);
        if (options.Silos is < 1 or > 16)
        {
            throw new ArgumentException($"PatternsTestClusterOptions.Silos is {options.Silos}; it must be 1 to 16.", nameof(configure));
        }

        var parts = new TestClusterParts(options.UseRealTime ? null : new TestClock())
        {
            Membership = new SharedMembershipTable(),
            ConfigureSilo = options.Silo,
            ConfigureClient = options.Client,
        };
        var builder = new TestClusterBuilder((short)options.Silos) { Options = { UseTestClusterMembership = false, ConfigureFileLogging = false } };
        var cluster = new PatternsTestCluster(builder.AddParts(parts).Build(), parts);
        try
        {
            await cluster.TestCluster.DeployAsync();
            await Task.WhenAll(cluster.TestCluster.Silos.Select(silo => cluster.SeenAsync(silo.SiloAddress, SiloStatus.Active)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A service of the client: the five above, those for operators such as <c>ILockOperations</c>, and your own.</summary>
    /// <typeparam name="T">The service.</typeparam>
    /// <exception cref="InvalidOperationException">There is no such service.</exception>
    public T Service<T>()
        where T : notnull => TestCluster.Client.ServiceProvider.GetRequiredService<T>();

    /// <summary>Stops the client and all silos. Safe to repeat.</summary>
    public async ValueTask DisposeAsync()
    {
        _parts.Withdraw();
        await _killing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TestCluster.DisposeAsync();
    }

    internal static PatternsTestCluster Of(TestCluster cluster) =>
        new(cluster, cluster.Client.ServiceProvider.GetService<TestClusterParts>() ?? throw new InvalidOperationException(
            "This test cluster has no patterns. Call AddOrleansPatterns on its builder."));
}
