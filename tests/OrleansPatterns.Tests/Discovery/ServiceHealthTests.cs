using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>What the checks that a list makes of its instances do to it.</summary>
public sealed class ServiceHealthTests(SmallListCluster fixture) : IClassFixture<SmallListCluster>
{
    private static readonly InstanceHealthCheck Check = new() { Kind = HealthCheckKind.Http, Interval = Seconds(3) };

    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private IGrainFactory Grains => fixture.Client.GetRequiredService<IGrainFactory>();

    private IServiceGrain Grain => Grains.GetServiceGrain(_service);

    [Fact]
    public async Task Instance_ThatFailsThreeTimes_IsDown_AndUpAgainAfterTwoSuccesses()
    {
        var id = $"{Guid.NewGuid()}";
        var seen = new RecordedChanges();
        await Grain.WatchAsync(Grains.CreateObjectReference<IServiceObserver>(seen), Guid.Empty, -1);
        await Grain.RegisterAsync(Instance(id) with { HealthCheck = Check, Lease = TimeSpan.FromHours(1) });
        Assert.Equal(InstanceStatus.Up, Assert.Single((await seen.NextAsync()).Changed).Status);

        await AnswerAsync("refused", "refused", "refused");
        var down = Assert.Single((await seen.NextAsync()).Changed);
        Assert.Equal((InstanceStatus.Down, StatusSource.HealthCheck), (down.Status, down.StatusSource));

        await AnswerAsync(null, "refused", null, null);
        var up = Assert.Single((await seen.NextAsync()).Changed);
        Assert.Equal((InstanceStatus.Up, StatusSource.Instance), (up.Status, up.StatusSource));
        GC.KeepAlive(seen);

        async Task AnswerAsync(params string?[] reasons)
        {
            foreach (var reason in reasons)
            {
                PlayedProber.Answer(id, reason);
            }

            // No check is answered that has no answer here.
            while (!seen.HasAny)
            {
                fixture.Time.Advance(Seconds(1));
                await Grain.GetSnapshotAsync();
            }
        }
    }

    [Fact]
    public async Task Check_OfAnAddressThatIsNotAllowed_IsRefused_AndNothingIsRegistered()
    {
        var instance = Instance("a") with { Endpoint = new Uri("http://10.1.2.3:8080"), HealthCheck = Check };
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => Grain.RegisterAsync(instance));
        Assert.StartsWith(
            "Instance 'a' asks for a health check at 10.1.2.3, and HealthCheckOptions.Allow of the silos does not permit that address.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await Grain.GetSnapshotAsync()).Version);
    }
}
