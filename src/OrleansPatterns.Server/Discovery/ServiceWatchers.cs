using Microsoft.Extensions.Logging;
using Orleans.Utilities;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Tells whoever watches a service of its changes: the first at once, those of the next moment together.</summary>
internal sealed class ServiceWatchers
{
    /// <summary>A deployment of a hundred instances must not be a hundred messages to each of a thousand watchers.</summary>
    private static readonly TimeSpan Coalescing = TimeSpan.FromMilliseconds(100);

    /// <summary>Watchers renew their subscription several times within this; one that is gone is told for that long in vain.</summary>
    private static readonly TimeSpan Subscription = TimeSpan.FromMinutes(1);

    private readonly ObserverManager<IServiceObserver> _observers;
    private readonly TimeProvider _time;
    private readonly IGrainTimer _timer;
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private ServiceSnapshot _told;
    private long? _toldAt;
    private long _clearedAt;

    public ServiceWatchers(IGrainBase grain, ServiceSnapshot snapshot, TimeProvider time, ILogger logger)
    {
        Snapshot = _told = snapshot;
        _time = time;
        _clearedAt = time.GetTimestamp();
        _observers = new ObserverManager<IServiceObserver>(Subscription, logger);
        _timer = grain.RegisterGrainTimer(
            TellAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true });
    }

    /// <summary>The list as it is written.</summary>
    public ServiceSnapshot Snapshot { get; private set; }

    public ServiceSnapshot Subscribe(IServiceObserver observer)
    {
        _observers.Subscribe(observer, observer);
        if (_time.GetElapsedTime(_clearedAt) >= Subscription)
        {
            // Otherwise only telling forgets who is gone, and of some services there is nothing to tell.
            _clearedAt = _time.GetTimestamp();
            _observers.ClearExpired();
        }

        return Snapshot;
    }

    public void Publish(ServiceSnapshot snapshot)
    {
        var isWaiting = IsAnother(Snapshot, _told);
        _touched.UnionWith(ServiceChange.Touched(Snapshot, snapshot));
        Snapshot = snapshot;
        if (!isWaiting && IsAnother(Snapshot, _told))
        {
            var left = _toldAt is { } last ? Coalescing - _time.GetElapsedTime(last) : TimeSpan.Zero;
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private static bool IsAnother(ServiceSnapshot left, ServiceSnapshot right) => (left.Epoch, left.Version) != (right.Epoch, right.Version);

    private async Task TellAsync()
    {
        var change = ServiceChange.Of(_told.Version, Snapshot, _touched);
        (_told, _toldAt) = (Snapshot, _time.GetTimestamp());
        _touched.Clear();

        // One-way calls: nobody waits for a watcher that may be gone. Who misses one, or has another list, asks soon.
        await _observers.Notify(watcher => watcher.ChangedAsync(change));
    }
}
