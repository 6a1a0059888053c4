namespace OrleansPatterns.Discovery;

/// <summary>One service as this process sees it: its lists as one, and whom to call.</summary>
internal sealed class WatchedService : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Func<int, Action, ListWatcher> _watch;
    private readonly DiscoveryInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<ListWatcher> _lists = [];

    /// <summary>Completed, and replaced, at each change.</summary>
    private TaskCompletionSource _changed = NewSignal();
    private volatile ServiceSnapshot? _latest;
    private bool _isPartial;

    /// <param name="service">The service's name.</param>
    /// <param name="watch">Begins to watch one of the service's lists.</param>
    /// <param name="router">Picks among the instances.</param>
    /// <param name="instruments">Hears when there is none.</param>
    /// <param name="time">The clock.</param>
    public WatchedService(
        string service, Func<int, Action, ListWatcher> watch, ServiceRouter router, DiscoveryInstruments instruments, TimeProvider time)
    {
        Service = service;
        _watch = watch;
        _instruments = instruments;
        _time = time;
        Router = router;
        _lists.Add(watch(0, Show));
    }

    public string Service { get; }

    public ServiceRouter Router { get; }

    /// <summary>The latest list, without waiting; <see langword="null"/> before the first.</summary>
    public ServiceSnapshot? Latest => _latest;

    /// <summary>How long ago the cluster has said, or confirmed, the part of the list of which that is longest ago.</summary>
    public TimeSpan Age
    {
        get
        {
            lock (_gate)
            {
                return _lists.Where(static list => list.Latest is not null).Max(static list => list.Age);
            }
        }
    }

    /// <summary>Waits for the first list.</summary>
    public async Task<ServiceSnapshot> FirstAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _lists[0].FirstAsync(cancellationToken);
            for (var shard = 1; shard < _lists[0].Latest!.Shards; shard++)
            {
                await List(shard).FirstAsync(cancellationToken);
            }

            // Unless there are more lists by now.
            Show();
            if (_latest is { } latest)
            {
                return latest;
            }
        }
    }

    /// <summary>An instance to call, once the first list is known; <see langword="null"/>: there is none. See <see cref="ServiceRouter.Pick"/>.</summary>
    public RoutedInstance? Pick(Func<ServiceInstance, bool>? filter, LoadBalancing? policy, string? key)
    {
        var picked = Router.Pick(filter, policy, key);
        if (picked is null)
        {
            _instruments.Unresolved(Latest is { Instances.IsEmpty: false } ? UnresolvedCause.NoneUsable : UnresolvedCause.NoneListed);
        }

        return picked;
    }

    /// <summary>The latest list, and a task that completes when there is a newer one.</summary>
    public (ServiceSnapshot? Latest, Task Changed) Observe()
    {
        lock (_gate)
        {
            return (_latest, _changed.Task);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<ListWatcher> lists;
        lock (_gate)
        {
            _stopping.Cancel();
            lists = [.. _lists];
        }

        foreach (var list in lists)
        {
            await list.DisposeAsync();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ListWatcher List(int shard)
    {
        lock (_gate)
        {
            while (_lists.Count <= shard)
            {
                _lists.Add(_watch(_lists.Count, Show));
            }

            return _lists[shard];
        }
    }

    /// <summary>A list that is new is asked for until it answers.</summary>
    private async Task JoinAsync(ListWatcher list)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await list.FirstAsync(_stopping.Token);
                return;
            }
            catch (Exception) when (!_stopping.IsCancellationRequested)
            {
                await Task.Delay(RetryPause, _time, _stopping.Token);
            }
        }
    }

    /// <summary>One of the lists has changed. The whole is shown once all parts of it were heard of; later, what was known of a part that is new stays until that is.</summary>
    private void Show()
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested || _lists[0].Latest is not { } first)
            {
                return;
            }

            for (var shard = _lists.Count; shard < first.Shards; shard++)
            {
                JoinAsync(List(shard)).Ignore();
            }

            var parts = _lists.Take(first.Shards).Select(static list => list.Latest).ToList();
            var isPartial = parts.Contains(null);
            if (isPartial && _latest is null)
            {
                return;
            }

            var whole = ServiceShards.Merge([.. parts.Select((part, shard) => part ?? Known(shard, first.Shards))]);
            if (!isPartial && !_isPartial && _latest is { } latest && (latest.Epoch, latest.Version) == (whole.Epoch, whole.Version))
            {
                return;
            }

            _isPartial = isPartial;
            Router.Show(whole);
            _latest = whole;
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    /// <summary>What is at home in a list that was not heard of yet, as it was known before there was that list.</summary>
    private ServiceSnapshot Known(int shard, int shards) =>
        new() { Instances = [.. _latest!.Instances.Where(instance => ServiceShards.HomeOf(instance.Id, shards) == shard)] };
}
