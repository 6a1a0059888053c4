using OrleansPatterns.Locks;
using OrleansPatterns.Server.Cluster;

namespace OrleansPatterns.Server.Locks;

/// <summary>The silo, as its lock grains need to know it.</summary>
internal sealed class LockSilo(ILocalSiloDetails details) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Names the silo in <see cref="ILockRelayGrain"/>'s key.</summary>
    public string Key { get; } = NamedSiloPlacement.KeyOf(details);

    /// <summary>The silo begins to stop: nobody may go on waiting in its grains, since Orleans waits for them.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(LockSilo), ServiceLifecycleStage.Active, _ => Task.CompletedTask, _ => _stopping.CancelAsync());

    public void Dispose() => _stopping.Dispose();
}
