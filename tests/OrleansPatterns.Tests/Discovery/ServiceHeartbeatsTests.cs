using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>How a process keeps its registrations.</summary>
public sealed class ServiceHeartbeatsTests(SmallListCluster fixture) : IClassFixture<SmallListCluster>
{
    private readonly string _service = $"service-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainFactory Grains => fixture.Client.GetRequiredService<IGrainFactory>();

    private IServiceRegistry Registry => fixture.Client.GetRequiredService<IServiceRegistry>();

    [Fact]
    public async Task Heartbeats_OfAllRegistrationsOfAProcess_AreOneCallASilo()
    {
        var registrations = new List<ServiceRegistration>();
        foreach (var id in Names(30))
        {
            registrations.Add(await Registry.RegisterAsync($"{_service}/{id[^1]}", Instance(id), Token));
        }

        var (before, listsBefore) = Counted();
        fixture.Time.Advance(Seconds(5));
        while (Counted().Lists < listsBefore + 10)
        {
            await Task.Yield();
        }

        Assert.Equal(before + 1, Counted().Relayed);
        foreach (var registration in registrations)
        {
            await registration.DisposeAsync();
        }

        static (int Relayed, int Lists) Counted() => (
            SmallListCluster.CallsOf($"{nameof(IServiceRelayGrain)}.{nameof(IServiceRelayGrain.HeartbeatAsync)}"),
            SmallListCluster.CallsOf($"{nameof(IServiceGrain)}.{nameof(IServiceGrain.HeartbeatAsync)}"));
    }

    /// <summary>A message that is stuck on its way is given up and sent again. When it comes at last, it must not undo what was said meanwhile.</summary>
    [Fact]
    public async Task Message_ThatArrivesLate_DoesNotUndoWhatIsNewer()
    {
        var id = $"{Guid.NewGuid()}";
        await using var registration = await Registry.RegisterAsync(_service, Instance(id) with { Lease = TimeSpan.FromHours(1) }, Token);
        var isFree = new TaskCompletionSource();
        var late = SmallListCluster.Hold(id, InstanceStatus.Warning, isFree.Task);
        var warning = registration.SetStatusAsync(InstanceStatus.Warning, Token);
        while (!warning.IsCompleted)
        {
            fixture.Time.Advance(Seconds(1));
            await Grains.GetServiceGrain(_service).GetSnapshotAsync();
        }

        await warning;
        var draining = registration.SetStatusAsync(InstanceStatus.Draining, Token);
        await Grains.GetServiceGrain(_service).GetSnapshotAsync();
        isFree.SetResult();
        await draining.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await late.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(InstanceStatus.Draining, Assert.Single((await Grains.GetServiceGrain(_service).GetSnapshotAsync()).Instances).Status);
    }
}
