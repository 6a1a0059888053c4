using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Discovery;

/// <summary>Keeps one list fresh in this process: pushed changes, and a question now and then that heals a lost push.</summary>
internal sealed partial class ListWatcher(
    string service, int shard, IGrainFactory grains, ClusterCaller cluster, DiscoveryOptions options,
    DiscoveryInstruments instruments, TimeProvider time, ILogger logger, Action onChange)
    : IServiceObserver, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();

    private volatile ServiceSnapshot? _latest;
    private long _confirmedAt;
    private Task<ServiceSnapshot>? _loading;
    private Task _refreshing = Task.CompletedTask;
    private TaskCompletionSource _asked = NewSignal();

    /// <summary>Orleans holds observers weakly; whoever has this holds it.</summary>
    private IServiceObserver? _reference;

    /// <summary>The latest list, without waiting; <see langword="null"/> before the first.</summary>
    public ServiceSnapshot? Latest => _latest;

    /// <summary>How long ago the cluster has said, or confirmed, what is known.</summary>
    public TimeSpan Age => time.GetElapsedTime(Interlocked.Read(ref _confirmedAt));

    /// <summary>Waits for the first list. However many callers wait, the cluster is asked once.</summary>
    public Task<ServiceSnapshot> FirstAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_loading is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                _loading = LoadAsync();
            }

            return _loading.WaitAsync(cancellationToken);
        }
    }

    public Task ChangedAsync(ServiceChange change)
    {
        bool isTaken;
        lock (_gate)
        {
            isTaken = _latest is { } latest && change.FitsOnto(latest);
            if (isTaken)
            {
                _latest = change.ApplyTo(_latest!);
                Interlocked.Exchange(ref _confirmedAt, time.GetTimestamp());
            }
            else if (_latest is null || _latest.Epoch != change.Epoch || _latest.Version < change.Since)
            {
                // One was lost, or the list is another: ask for the whole.
                _asked.TrySetResult();
            }
        }

        if (isTaken)
        {
            onChange();
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _refreshing;
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<ServiceSnapshot> LoadAsync()
    {
        try
        {
            await cluster.CallAsync($"find service '{service}'", _ => AskAsync(), CancellationToken.None);
        }
        catch
        {
            instruments.RefreshFailed();
            throw;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _refreshing = Task.Run(RefreshAsync);
        }

        return _latest!;
    }

    private async Task AskAsync()
    {
        _reference ??= grains.CreateObjectReference<IServiceObserver>(this);
        var known = _latest;
        var askedAt = time.GetTimestamp();
        var snapshot = await grains.GetServiceGrain(service, shard).WatchAsync(_reference, known?.Epoch ?? Guid.Empty, known?.Version ?? -1);
        Interlocked.Exchange(ref _confirmedAt, askedAt);
        if (snapshot is not null)
        {
            Take(snapshot);
        }
    }

    private void Take(ServiceSnapshot snapshot)
    {
        lock (_gate)
        {
            // Pushes and answers overtake each other; only within one epoch can versions be compared. A list that nobody has ever registered in says
            // only that the registry lost its memory, which is no reason to forget who was there: they register again.
            if (_latest is { } latest
                && ((latest.Epoch == snapshot.Epoch && latest.Version >= snapshot.Version) || (snapshot.Epoch == Guid.Empty && !latest.Instances.IsEmpty)))
            {
                return;
            }

            _latest = snapshot;
        }

        onChange();
    }

    private async Task RefreshAsync()
    {
        try
        {
            while (true)
            {
                await Task.WhenAny(_asked.Task, Task.Delay(options.RefreshInterval, time, _stopping.Token));
                _stopping.Token.ThrowIfCancellationRequested();
                _asked = NewSignal();
                try
                {
                    var asking = AskAsync();
                    asking.Ignore();
                    await asking.WaitAsync(options.RefreshInterval, time, _stopping.Token);
                }
                catch (Exception exception) when (!_stopping.IsCancellationRequested)
                {
                    // The cluster is away, and the last list goes on being used.
                    instruments.RefreshFailed();
                    LogNotRefreshed(exception, service, Age);
                }
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The process stops; a question that is still under way may end in any fault.
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "The list of service '{Service}' could not be refreshed; the last known one, {Age} old, is used.")]
    private partial void LogNotRefreshed(Exception exception, string service, TimeSpan age);
}
