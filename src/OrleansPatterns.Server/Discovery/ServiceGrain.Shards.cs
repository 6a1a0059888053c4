using System.Collections.Immutable;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <content>How a list that has become too long gives instances to others: <see cref="ServiceShards"/>.</content>
internal sealed partial class ServiceGrain
{
    /// <summary>How long an instance stays in the list that it leaves, beside the one where it is at home: until everybody watches that too.</summary>
    private static readonly TimeSpan MoveTime = TimeSpan.FromSeconds(10);

    private IGrainTimer? _moving;
    private ImmutableArray<string> _moved = [];
    private bool _isMoving;

    /// <summary>As it is written: who acted on a number that is only decided would look for instances where nobody else does, should the write fail.</summary>
    private int Shards => Watchers.Snapshot.Shards;

    public Task GrowAsync(int shards) => DecideAsync(record => ServiceRules.Grow(record, shards));

    public Task AdoptAsync(ImmutableArray<LeasedInstance> instances)
    {
        foreach (var leased in instances.Where(leased => Record.Decided.IndexOf(leased.Id) < 0))
        {
            _leases.Hear(leased.Id, Now);
        }

        return DecideAsync(record => instances.Aggregate(record, (list, leased) => ServiceRules.Adopt(list, leased, Guid.NewGuid())));
    }

    /// <summary>The first list knows the way. Another one may not have heard of the latest number yet, and takes what it is sent.</summary>
    private IServiceGrain? ElsewhereOf(string instanceId) =>
        _shard == 0 && Record.Decided.IndexOf(instanceId) < 0 ? HomeElsewhere(instanceId) : null;

    /// <summary>The numbers of lists are powers of two, so a list that knows fewer of them sends nobody back.</summary>
    private IServiceGrain? HomeElsewhere(string instanceId) =>
        _shard < Shards && ServiceShards.HomeOf(instanceId, Shards) is var home && home != _shard ? GrainFactory.GetServiceGrain(_service, home) : null;

    private void MoveIfDue()
    {
        if (!_isMoving && NotAtHome().Any())
        {
            _isMoving = true;
            _moving ??= this.RegisterGrainTimer(
                MoveAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true, Interleave = true });
            _moving.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    /// <remarks>A list that has not heard yet that there are so many lists as itself knows nobody's home.</remarks>
    private IEnumerable<LeasedInstance> NotAtHome() => _shard >= Shards
        ? []
        : Record.Decided.Instances.Where(leased => ServiceShards.HomeOf(leased.Id, Shards) != _shard);

    /// <summary>First lets the other lists have those that are at home there, and a while later takes them out of this one. After a crash it begins anew.</summary>
    private async Task MoveAsync()
    {
        try
        {
            if (_moved.IsEmpty)
            {
                var shards = Shards;
                var leaving = NotAtHome().ToImmutableArray();
                if (_shard == 0)
                {
                    await Task.WhenAll(Enumerable.Range(1, shards - 1).Select(shard => Shard(shard).GrowAsync(shards)));
                }

                await Task.WhenAll(leaving
                    .GroupBy(leased => ServiceShards.HomeOf(leased.Id, shards))
                    .Select(home => Shard(home.Key).AdoptAsync([.. home])));
                foreach (var leased in leaving)
                {
                    await CatchUpAsync(leased, GrainFactory.GetServiceGrain(_service, ServiceShards.HomeOf(leased.Id, shards)));
                }

                _moved = [.. leaving.Select(static leased => leased.Id)];
                foreach (var id in _moved)
                {
                    // It is heard of there from now on, and its silence here is no loss.
                    _leases.Hear(id, Now + MoveTime);
                }

                LogMoved(_service, _moved.Length, shards);
            }
            else
            {
                await DecideAsync(record => _moved.Aggregate(record, ServiceRules.Remove));
                _moved = [];
            }
        }
        catch (Exception exception)
        {
            LogNotMoved(exception, _service);
        }

        _isMoving = NotAtHome().Any();
        if (_isMoving)
        {
            _moving?.Change(MoveTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What was decided about an instance while it was being sent.</summary>
    private Task CatchUpAsync(LeasedInstance sent, IServiceGrain home) =>
        Record.Decided.Find(sent.Id) is not { } now ? home.DeregisterAsync(sent.Id)
        : now.Override != sent.Override ? home.OverrideAsync(sent.Id, now.Override)
        : Task.CompletedTask;

    private IServiceShardGrain Shard(int shard) => GrainFactory.GetGrain<IServiceShardGrain>(ServiceShards.GrainKey(_service, shard));

    private async Task<ServiceSnapshot> WholeAsync(ServiceSnapshot own)
    {
        var others = await Task.WhenAll(Enumerable.Range(1, own.Shards - 1).Select(shard => GrainFactory.GetServiceGrain(_service, shard).GetSnapshotAsync()));
        return ServiceShards.Merge([own, .. others]);
    }

    private async Task<ServiceStatus> WholeAsync(ServiceStatus own)
    {
        var others = await Task.WhenAll(Enumerable.Range(1, own.Shards - 1).Select(shard => GrainFactory.GetServiceGrain(_service, shard).GetStatusAsync()));
        ServiceStatus[] all = [own, .. others];
        return own with
        {
            Version = all.Sum(static list => list.Version),
            IsProtected = all.Any(static list => list.IsProtected),
            Instances = [.. ServiceShards.Merge([.. all.Select(static list => list.Instances)], static report => report.Instance.Id)],
        };
    }
}
