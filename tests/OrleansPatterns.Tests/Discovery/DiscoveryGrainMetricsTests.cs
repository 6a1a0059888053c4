using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;
using OrleansPatterns.Tests.Telemetry;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>What a silo tells of the lists that it has.</summary>
public sealed class DiscoveryGrainMetricsTests(SmallListCluster fixture) : IClassFixture<SmallListCluster>
{
    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private IServiceGrain Grain => fixture.Grains.GetServiceGrain(_service);

    [Fact]
    public async Task Instance_ThatIsSilentForTooLong_IsEvicted()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        await Grain.RegisterAsync(Instance("a"));
        await Grain.RegisterAsync(Instance("b"));
        await Grain.DeregisterAsync("b");
        await PassAsync(15);
        Assert.Empty(metrics.Of("discovery.evictions"));
        await PassAsync(45);
        await PassAsync(60);

        Assert.Equal([("", 1)], metrics.Of("discovery.evictions"));
        Assert.Empty(metrics.Of("discovery.protections"));
    }

    [Fact]
    public async Task Instances_ThatFallSilentTogether_BeginAProtection_WhichEndsWhenTheyAreBack()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        foreach (var id in Names(5))
        {
            await Grain.RegisterAsync(Instance(id));
        }

        await PassAsync(15);
        Assert.Equal([("protection=begun", 1)], metrics.Of("discovery.protections"));
        await PassAsync(60);
        await Grain.HeartbeatAsync([.. Names(5)]);

        Assert.Equal([("protection=begun", 1), ("protection=ended", 1)], metrics.Of("discovery.protections"));
        Assert.Empty(metrics.Of("discovery.evictions"));

        // Or they would fall silent in another test.
        foreach (var id in Names(5))
        {
            await Grain.DeregisterAsync(id);
        }
    }

    [Fact]
    public async Task Verdicts_AreCountedWhenTheyChange()
    {
        using var metrics = new RecordedMetrics(fixture.Silo);
        var id = $"{Guid.NewGuid()}";
        var check = new InstanceHealthCheck { Kind = HealthCheckKind.Http, Interval = Seconds(3) };
        foreach (var reason in new[] { "refused", "refused", "refused", null, null })
        {
            PlayedProber.Answer(id, reason);
        }

        await Grain.RegisterAsync(Instance(id) with { HealthCheck = check, Lease = TimeSpan.FromHours(1) });

        // No check is answered that has no answer here.
        while (metrics.Of("discovery.health_check.verdicts").Count < 2)
        {
            await PassAsync(1);
        }

        Assert.Equal([("verdict=down", 1), ("verdict=up", 1)], metrics.Of("discovery.health_check.verdicts"));
        await Grain.DeregisterAsync(id);
    }

    [Fact]
    public async Task HealthCheck_IsMeasuredByKindAndOutcome()
    {
        await using var server = await HealthServer.StartAsync(app => { });
        var instruments = new DiscoveryGrainInstruments(TestInstruments.NewMeter(out var services));
        using var metrics = new RecordedMetrics(services);
        var probing = new HealthProbing(instruments: instruments);
        Assert.Null(await probing.AskAsync(server.Address, new InstanceHealthCheck { Kind = HealthCheckKind.Tcp }));
        Assert.NotNull(await probing.AskAsync(server.Address, new InstanceHealthCheck { Kind = HealthCheckKind.Http, Path = "/nothing-here" }));

        // The clock stands still.
        Assert.Equal([("kind=tcp outcome=passed", 0), ("kind=http outcome=failed", 0)], metrics.Of("discovery.health_check.duration"));
    }

    /// <summary>Time passes, and the grain has seen to what is over by then.</summary>
    private async Task PassAsync(double seconds)
    {
        fixture.Time.Advance(Seconds(seconds));
        await Grain.GetSnapshotAsync();
    }
}
