using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

/// <summary>Keeps one service's list fresh in this process: pushed changes, and a question now and then that heals a lost push.</summary>
internal sealed partial class ServiceWatcher : IServiceObserver, IAsyncDisposable
{
    private readonly string _service;
    private readonly IGrainFactory _grains;
    private readonly ClusterCaller _cluster;
    private readonly IOptions<DiscoveryOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ServiceWatcher> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Lazy<Task> _refreshing;

    /// <summary>Completed, and replaced, at each change.</summary>
    private TaskCompletionSource _changed = NewSignal();
    private volatile ServiceSnapshot? _latest;
    private Task<ServiceSnapshot>? _loading;

    public ServiceWatcher(
        string service, IGrainFactory grains, ClusterCaller cluster, IOptions<DiscoveryOptions> options, TimeProvider time, ILogger<ServiceWatcher> logger)
    {
        _service = service;
        _grains = grains;
        _cluster = cluster;
        _options = options;
        _time = time;
        _logger = logger;
        Balancer = new Balancer(Random.Shared);
        _refreshing = new Lazy<Task>(() => Task.Run(RefreshAsync));
    }

    public Balancer Balancer { get; }

    /// <summary>The latest list, without waiting; <see langword="null"/> before the first.</summary>
    public ServiceSnapshot? Latest => _latest;

    /// <summary>Waits for the first list. However many callers wait, the cluster is asked once.</summary>
    public Task<ServiceSnapshot> FirstAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_loading is null or { IsFaulted: true })
            {
                _loading = LoadAsync();
            }

            return _loading.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The latest list, and a task that completes when there is a newer one.</summary>
    public (ServiceSnapshot? Latest, Task Changed) Observe()
    {
        lock (_gate)
        {
            return (_latest, _changed.Task);
        }
    }

    public Task ChangedAsync(ServiceSnapshot snapshot)
    {
        Take(snapshot);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_refreshing.IsValueCreated)
        {
            await _refreshing.Value;
        }

        _stopping.Dispose();
    }

    private async Task<ServiceSnapshot> LoadAsync()
    {
        Take(await _cluster.CallAsync(
            $"find service '{_service}'", _ => _grains.GetServiceGrain(_service).GetSnapshotAsync(), CancellationToken.None));
        _ = _refreshing.Value;
        return _latest!;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Take(ServiceSnapshot snapshot)
    {
        lock (_gate)
        {
            // Pushes and answers overtake each other; only within one epoch can versions be compared.
            if (_latest is { } latest && latest.Epoch == snapshot.Epoch && latest.Version >= snapshot.Version)
            {
                return;
            }

            _latest = snapshot;
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    private async Task RefreshAsync()
    {
        // Orleans holds observers weakly; this local and the registry's dictionary hold the watcher.
        IServiceObserver? reference = null;
        using var timer = new PeriodicTimer(_options.Value.RefreshInterval, _time);
        try
        {
            do
            {
                try
                {
                    reference ??= _grains.CreateObjectReference<IServiceObserver>(this);
                    var known = _latest;
                    var snapshot = await _grains.GetServiceGrain(_service)
                        .WatchAsync(reference, known?.Epoch ?? Guid.Empty, known?.Version ?? -1)
                        .WaitAsync(_options.Value.RefreshInterval, _time, _stopping.Token);
                    if (snapshot is not null)
                    {
                        Take(snapshot);
                    }
                }
                catch (Exception exception)
                {
                    // The cluster is away, and the last list goes on being used; or the process stops, and nobody needs one.
                    if (!_stopping.IsCancellationRequested)
                    {
                        LogNotRefreshed(exception, _service);
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The process stops; a question that is still under way may end in any fault.
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "The list of service '{Service}' could not be refreshed; the last known one is used.")]
    private partial void LogNotRefreshed(Exception exception, string service);
}
