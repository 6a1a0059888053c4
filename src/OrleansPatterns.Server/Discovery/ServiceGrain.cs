using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using OrleansPatterns.Catalog;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Cluster;
using OrleansPatterns.Server.Storage;

namespace OrleansPatterns.Server.Discovery;

/// <summary>Hosts <see cref="ServiceRules"/> and <see cref="ServiceLeases"/> for one service: decide, write, then tell whoever watches.</summary>
/// <remarks>Reentrant, so that registrations that come while one is being written are written together.</remarks>
[GrainType(GrainKeys.GrainTypePrefix + PatternNames.Service)]
[Reentrant]
internal sealed partial class ServiceGrain : Grain, IServiceGrain, IServiceShardGrain
{
    private readonly TimeProvider _time;
    private readonly ILogger<ServiceGrain> _logger;
    private readonly DiscoveryGrainInstruments _instruments;
    private readonly string _silo;
    private readonly int _maxInstances;
    private readonly HealthCheckGate _gate;
    private readonly ICatalog _catalog;
    private readonly ServiceHealth _health;
    private readonly ServiceLeases _leases = new();
    private readonly IPersistentState<ServiceRecord> _state;
    private RecordWriter<ServiceRecord>? _record;
    private ServiceWatchers? _watchers;

    private long _activatedAt;
    private string _service = "";
    private int _shard;
    private IGrainTimer? _expiry;
    private TimeSpan _expiresAt = TimeSpan.MaxValue;

    public ServiceGrain(
        [PersistentState(PatternNames.Service, StorageNames.OrleansPatterns)] IPersistentState<ServiceRecord> state,
        DiscoveryGrainInstruments instruments,
        ILocalSiloDetails silo,
        IOptions<ServiceListOptions> options,
        HealthCheckGate gate,
        IHealthProber prober,
        ICatalog catalog,
        TimeProvider time,
        ILogger<ServiceGrain> logger)
    {
        _state = state;
        _instruments = instruments;
        _silo = NamedSiloPlacement.KeyOf(silo);
        _maxInstances = options.Value.MaxInstances;
        _gate = gate;
        _catalog = catalog;
        _health = new ServiceHealth(this, prober, gate, JudgeAsync);
        _time = time;
        _logger = logger;
    }

    private TimeSpan Now => _time.GetElapsedTime(_activatedAt);

    private RecordWriter<ServiceRecord> Record => _record ?? throw new InvalidOperationException("The grain is not activated yet.");

    private ServiceWatchers Watchers => _watchers ?? throw new InvalidOperationException("The grain is not activated yet.");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_service, _shard) = ServiceShards.Parse(this.GetPrimaryKeyString());
        _activatedAt = _time.GetTimestamp();
        _watchers = new ServiceWatchers(this, ServiceRules.ToSnapshot(_state.State), _time, _logger);
        _record = new RecordWriter<ServiceRecord>(_state, this.DeactivateOnIdle, Publish);
        _expiry = this.RegisterGrainTimer(
            ExpireAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true, Interleave = true });
        SetTimer();
        MoveIfDue();
        _health.Follow(_state.State);
        ShowRow();
        return Task.CompletedTask;
    }

    public async Task<HeartbeatReply> RegisterAsync(ServiceInstance instance)
    {
        ServiceBounds.Check(instance);
        _gate.CheckRegistration(instance);
        if (ElsewhereOf(instance.Id) is { } elsewhere)
        {
            return await elsewhere.RegisterAsync(instance) with { Shards = Shards };
        }

        _leases.Hear(instance.Id, Now);
        await DecideAsync(record =>
        {
            var next = ServiceRules.Register(record, instance, Guid.NewGuid());
            return _shard == 0 ? ServiceRules.Split(next, _maxInstances) : next;
        });
        return Reply([]);
    }

    public async Task<HeartbeatReply> HeartbeatAsync(ImmutableArray<string> instanceIds)
    {
        // A lease that is over is over, even if the timer has not said so yet. Nobody's heartbeat waits for that to be written.
        ExpireIfDueAsync().Ignore();
        var unknown = ImmutableArray<string>.Empty;
        var isBack = false;
        foreach (var id in instanceIds)
        {
            if (Record.Decided.Find(id) is { } leased)
            {
                _leases.Hear(id, Now);
                isBack |= leased.IsLapsed;
            }
            else
            {
                unknown = unknown.Add(id);
            }
        }

        if (isBack)
        {
            await DecideAsync(record => instanceIds.Aggregate(record, ServiceRules.Hear));
        }

        return Reply(unknown);
    }

    public async Task DeregisterAsync(string instanceId)
    {
        await DecideAsync(record => ServiceRules.Remove(record, instanceId));
        if (HomeElsewhere(instanceId) is { } home)
        {
            await home.DeregisterAsync(instanceId);
        }
    }

    public async Task<bool> OverrideAsync(string instanceId, InstanceOverride? byHand, Guid decisionId = default)
    {
        if (byHand is not null)
        {
            ServiceBounds.Check(byHand);
        }

        // While it moves it is in two lists.
        var isListed = Record.Decided.IndexOf(instanceId) >= 0;
        await DecideAsync(record => ServiceRules.Override(record, instanceId, byHand, decisionId));
        return (HomeElsewhere(instanceId) is { } home && await home.OverrideAsync(instanceId, byHand, decisionId)) || isListed;
    }

    public async Task<ServiceSnapshot?> WatchAsync(IServiceObserver observer, Guid epoch, long version)
    {
        await ExpireIfDueAsync();
        var snapshot = Watchers.Subscribe(observer);
        if (snapshot.Epoch == epoch && snapshot.Version < version)
        {
            // Another activation has written since this one read: it must not answer anybody from what it has.
            DeactivateOnIdle();
            return null;
        }

        return snapshot.Epoch == epoch && snapshot.Version == version ? null : snapshot;
    }

    public async Task<ServiceSnapshot> GetSnapshotAsync()
    {
        await SettleAsync();
        return _shard == 0 && Watchers.Snapshot.Shards > 1 ? await WholeAsync(Watchers.Snapshot) : Watchers.Snapshot;
    }

    public async Task<ServiceStatus> GetStatusAsync()
    {
        await SettleAsync();
        var own = new ServiceStatus
        {
            Version = Watchers.Snapshot.Version,
            IsProtected = Record.Decided.IsProtected,
            Shards = Shards,
            Instances = [.. Record.Decided.Instances.Select(leased => leased.Report(_leases.SilentFor(leased, Now), _health.FaultOf(leased.Id)))],
        };
        return _shard == 0 && own.Shards > 1 ? await WholeAsync(own) : own;
    }

    /// <summary>What is decided but not written yet, such as the end of a lease that is over, must not be seen undone.</summary>
    private Task SettleAsync() => Now >= _expiresAt ? ExpireAsync() : Record.CommitAsync(Record.Decided);

    private void Publish(ServiceRecord written)
    {
        Watchers.Publish(ServiceRules.ToSnapshot(written));
        _health.Follow(written);
        ShowRow();
    }

    private Task JudgeAsync(string instanceId, bool isUnwell, string? reason)
    {
        _instruments.Judged(isUnwell);
        LogJudged(_service, instanceId, isUnwell, reason);
        return DecideAsync(record => ServiceRules.Judge(record, instanceId, isUnwell));
    }

    private HeartbeatReply Reply(ImmutableArray<string> unknown) => new() { Unknown = unknown, Silo = _silo, Shards = Shards };

    private Task ExpireIfDueAsync() => Now >= _expiresAt ? ExpireAsync() : Task.CompletedTask;

    private Task ExpireAsync() => DecideAsync(static record => record);

    /// <summary>Whoever decides something also ends what is over by now, so that nothing is decided on a list that is out of date.</summary>
    private async Task DecideAsync(Func<ServiceRecord, ServiceRecord> decide)
    {
        var before = Record.Decided;
        var next = _leases.Expire(decide(before), Now);
        foreach (var gone in before.Instances.Where(leased => next.IndexOf(leased.Id) < 0))
        {
            _leases.Forget(gone.Id);
            if (gone.IsLapsed)
            {
                _instruments.Evicted();
                LogExpired(_service, gone.Id, gone.RemoveAfter);
            }
        }

        if (next.IsProtected != before.IsProtected)
        {
            _instruments.ProtectionChanged(next.IsProtected);
            LogProtection(_service, next.IsProtected, next.Instances.Count(static leased => leased.IsLapsed), next.Instances.Length);
        }

        var written = Record.CommitAsync(next);
        SetTimer();
        await written;

        // Once more, as what is set within a timer's own call counts from the end of that.
        SetTimer();
        MoveIfDue();
    }

    private void SetTimer()
    {
        _expiresAt = _leases.NextEnd(Record.Decided);
        var left = _expiresAt - Now;
        if (_expiresAt != TimeSpan.MaxValue && left > TimeSpan.Zero)
        {
            DelayDeactivation(left + TimeSpan.FromMinutes(1));
        }

        _expiry?.Change(
            _expiresAt == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
