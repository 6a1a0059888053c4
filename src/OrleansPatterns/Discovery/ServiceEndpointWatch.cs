using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace OrleansPatterns.Discovery;

/// <summary>The list of one service, for all endpoint providers of this process, however many come and go.</summary>
internal sealed partial class ServiceEndpointWatch(
    string service, IServiceRegistry registry, TimeProvider time, ILogger<ServiceEndpointWatch> logger, CancellationToken stopping)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ChangeSignals _signals = new();
    private TaskCompletionSource _first = NewSignal();
    private ServiceSnapshot? _latest;

    /// <summary>The watch loop. It ends with the process, or if there was no first list; the next question begins it anew.</summary>
    internal Task Watching { get; private set; } = Task.CompletedTask;

    /// <summary>How many tokens somebody may wait for.</summary>
    internal int SignalCount
    {
        get
        {
            lock (_gate)
            {
                return _signals.Count;
            }
        }
    }

    /// <summary>The last list that was had, and a token that fires when there is a newer one. Only the first list is waited for.</summary>
    /// <exception cref="Cluster.ClusterUnavailableException">The first list could not be had.</exception>
    internal async ValueTask<(ServiceSnapshot Latest, IChangeToken Changed)> ObserveAsync(CancellationToken cancellationToken)
    {
        if (First() is { } first)
        {
            await first.WaitAsync(cancellationToken);
        }

        lock (_gate)
        {
            // The token before the list: a change in between would be heard of by nobody.
            var changed = _signals.Give();
            return (_latest!, changed);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task? First()
    {
        lock (_gate)
        {
            if (_latest is not null)
            {
                return null;
            }

            if (Watching.IsCompleted)
            {
                _first = NewSignal();

                // Who happens to be the first to ask must not lend its trace or tenant to the watch.
                using (ExecutionContext.SuppressFlow())
                {
                    Watching = Task.Run(WatchAsync, CancellationToken.None);
                }
            }

            return _first.Task;
        }
    }

    private async Task WatchAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var snapshot in registry.WatchAsync(service, stopping))
                {
                    Take(snapshot);
                }
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (_latest is null)
            {
                // Who waits is told, and asks again when it is asked again.
                _first.TrySetException(exception);
                _ = _first.Task.Exception;
                return;
            }
            catch (Exception exception)
            {
                LogWatchFailed(exception, service);
            }

            await Task.Delay(RetryPause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _first.TrySetCanceled(stopping);
    }

    private void Take(ServiceSnapshot snapshot)
    {
        IEnumerable<CancellationTokenSource> fired;
        lock (_gate)
        {
            _latest = snapshot;
            fired = _signals.TakeAll();
        }

        _first.TrySetResult();
        foreach (var signal in fired)
        {
            try
            {
                signal.Cancel();
            }
            catch (AggregateException exception)
            {
                LogListenerFailed(exception, service);
            }
        }
    }

    [LoggerMessage(1301, LogLevel.Warning, "The watch of service '{Service}' has broken off; its last known endpoints are used, and the watch is begun anew.")]
    private partial void LogWatchFailed(Exception exception, string service);

    [LoggerMessage(1302, LogLevel.Warning, "A listener for changes of service '{Service}' has thrown; the others were told.")]
    private partial void LogListenerFailed(Exception exception, string service);
}
