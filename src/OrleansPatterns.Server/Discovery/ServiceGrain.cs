using Microsoft.Extensions.Logging;
using Orleans.Utilities;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Hosts <see cref="ServiceRules"/> for one service: decide, write, then tell whoever watches.</summary>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Service)]
internal sealed partial class ServiceGrain(
    [PersistentState(PatternNames.Service, StorageNames.OrleansPatterns)] IPersistentState<ServiceRecord> record,
    TimeProvider time,
    ILogger<ServiceGrain> logger) : Grain, IServiceGrain
{
    /// <summary>Watchers renew their subscription several times within this; one that is gone is told for that long in vain.</summary>
    private static readonly TimeSpan Subscription = TimeSpan.FromMinutes(1);

    /// <summary>When each instance was heard of, on this activation's clock. Who is missing counts from the activation's beginning.</summary>
    private readonly Dictionary<string, TimeSpan> _heardAt = new(StringComparer.Ordinal);
    private readonly ObserverManager<IServiceObserver> _watchers = new(Subscription, logger);

    private long _activatedAt;
    private string _service = "";
    private IGrainTimer? _expiry;
    private ServiceSnapshot _snapshot = new();

    private TimeSpan Now => time.GetElapsedTime(_activatedAt);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _service = GrainKeys.UserKey(PatternNames.Service, this.GetPrimaryKeyString()).Value;
        _activatedAt = time.GetTimestamp();
        _snapshot = ServiceRules.ToSnapshot(record.State);
        _expiry = this.RegisterGrainTimer(
            ExpireAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        SetTimer();
        return Task.CompletedTask;
    }

    public async Task RegisterAsync(ServiceInstance instance, TimeSpan lease)
    {
        ServiceBounds.Check(instance);
        ServiceBounds.CheckLease(lease);
        _heardAt[instance.Id] = Now;
        await CommitAsync(ServiceRules.Register(record.State, instance, lease, Guid.NewGuid()));
        SetTimer();
    }

    public async Task<bool> HeartbeatAsync(string instanceId)
    {
        // A lease that is over is over, even if the timer has not said so yet.
        await ExpireAsync();
        if (!ServiceRules.Contains(record.State, instanceId))
        {
            return false;
        }

        _heardAt[instanceId] = Now;
        SetTimer();
        return true;
    }

    public async Task DeregisterAsync(string instanceId)
    {
        await CommitAsync(ServiceRules.Deregister(record.State, instanceId));
        SetTimer();
    }

    public Task<ServiceSnapshot?> WatchAsync(IServiceObserver observer, Guid epoch, long version)
    {
        _watchers.Subscribe(observer, observer);
        return Task.FromResult(_snapshot.Epoch == epoch && _snapshot.Version == version ? null : _snapshot);
    }

    public async Task<ServiceSnapshot> GetSnapshotAsync()
    {
        await ExpireAsync();
        return _snapshot;
    }

    private async Task ExpireAsync()
    {
        var before = record.State;
        await CommitAsync(ServiceRules.Expire(before, _heardAt, Now));
        foreach (var gone in before.Instances.Where(leased => !ServiceRules.Contains(record.State, leased.Instance.Id)))
        {
            LogExpired(_service, gone.Instance.Id, gone.Lease);
        }

        SetTimer();
    }

    private async Task CommitAsync(ServiceRecord next)
    {
        if (ReferenceEquals(next, record.State))
        {
            return;
        }

        await record.CommitAsync(next, this);
        _snapshot = ServiceRules.ToSnapshot(next);
        foreach (var known in _heardAt.Keys.Where(id => !ServiceRules.Contains(next, id)).ToList())
        {
            _heardAt.Remove(known);
        }

        // One-way calls: nobody waits for a watcher that may be gone. Who misses it asks soon.
        await _watchers.Notify(watcher => watcher.ChangedAsync(_snapshot));
    }

    private void SetTimer() => _expiry?.Change(ServiceRules.UntilNextEnd(record.State, _heardAt, Now), Timeout.InfiniteTimeSpan);

    [LoggerMessage(1101, LogLevel.Information, "'{Instance}' left the list of service '{Service}': no heartbeat for {Lease}.")]
    private partial void LogExpired(string service, string instance, TimeSpan lease);
}
