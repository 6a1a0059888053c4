using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using OrleansPatterns.Testing.Cluster;

namespace OrleansPatterns.Testing;

public sealed partial class PatternsTestCluster
{
    private readonly Lock _gate = new();
    private Task _killing = Task.CompletedTask;

    /// <summary>Kills a silo as <c>kill -9</c> does: nothing is handed over, written or answered by it any more.</summary>
    /// <remarks>
    /// What the patterns had acknowledged is not lost: the other silos go on with it, or those started later. When this returns, the others know that the
    /// silo is dead. The code of its grains and steps is in the test's process and is not stopped, but gets through to nothing that the patterns have.
    /// </remarks>
    /// <param name="silo">One of <c>TestCluster.Silos</c>. Default: the one that was started last.</param>
    /// <exception cref="InvalidOperationException">
    /// There is no silo, or it is the first one of a test cluster of your own, in which Orleans keeps who belongs to the cluster.
    /// </exception>
    public Task KillSiloAsync(SiloHandle? silo = null)
    {
        silo ??= TestCluster.Silos.LastOrDefault() ?? throw new InvalidOperationException("All silos were killed or stopped already.");
        if (ReferenceEquals(silo, TestCluster.Primary))
        {
            throw new InvalidOperationException(
                "The first silo of this test cluster has the membership of all, so that none would outlive it. Kill another, or start the cluster with "
                + "PatternsTestCluster.StartAsync, which keeps the membership outside of the silos.");
        }

        // From here on it is dead; the rest is only cleaning up.
        _parts.Kill(silo.SiloAddress);
        lock (_gate)
        {
            return _killing = KillAsync(_killing, silo);
        }
    }

    /// <summary>Starts one more silo. When this returns, all silos know each other.</summary>
    /// <returns>The silo.</returns>
    public async Task<SiloHandle> StartSiloAsync()
    {
        await _killing;
        var silo = await TestCluster.StartAdditionalSiloAsync(startAdditionalSiloOnNewPort: true);
        await SeenAsync(silo.SiloAddress, SiloStatus.Active);
        return silo;
    }

    private async Task KillAsync(Task before, SiloHandle silo)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TestCluster.KillSiloAsync(silo);
        _parts.Membership?.Bury(silo.SiloAddress);
        await SeenAsync(silo.SiloAddress, SiloStatus.Dead);
    }

    /// <summary>Kills the silo that a step runs in, which from here on does not go on itself.</summary>
    private Task CrashAsync(SiloAddress address)
    {
        lock (_gate)
        {
            return _killing = CrashAsync(_killing, address);
        }
    }

    /// <summary>
    /// Once the calls under way have been answered, that by which the test has started the saga among them: to try it again its client would wait for the
    /// clock, and the test for the client.
    /// </summary>
    private async Task CrashAsync(Task before, SiloAddress address)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_parts.Time is FakeTimeProvider)
        {
            await _parts.Activity.RestAsync(PassThroughAsync, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (TestCluster.Silos.FirstOrDefault(silo => silo.SiloAddress.Equals(address)) is { } silo)
        {
            _parts.Kill(address);
            await KillAsync(Task.CompletedTask, silo);
        }
    }

    /// <summary>Waits until all silos know it.</summary>
    private Task SeenAsync(SiloAddress silo, SiloStatus status) => Task.WhenAll(
        TestCluster.Silos.Select(observer => SiloStatusWait.SeenAsync(TestCluster.GetSiloServiceProvider(observer.SiloAddress), silo, status)));
}
