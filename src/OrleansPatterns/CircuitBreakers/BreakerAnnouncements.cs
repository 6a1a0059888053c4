using Microsoft.Extensions.Logging;

namespace OrleansPatterns.CircuitBreakers;

/// <summary>Tells Polly pipelines of each change of state: all of them, in order, and outside of every lock, as listeners are others' code.</summary>
/// <remarks>Nobody disposes of a pipeline that was built by hand, so it is not kept alive from here.</remarks>
internal sealed partial class BreakerAnnouncements(string name, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<BreakerPipeline>> _pipelines = [];
    private Task _last = Task.CompletedTask;

    public void Add(BreakerPipeline pipeline)
    {
        lock (_gate)
        {
            _pipelines.RemoveAll(known => !known.TryGetTarget(out _));
            _pipelines.Add(new WeakReference<BreakerPipeline>(pipeline));
        }
    }

    public void Announce(BreakerState from, BreakerState to, TimeSpan openFor)
    {
        lock (_gate)
        {
            if (_pipelines.Count > 0)
            {
                _last = AnnounceAsync(_last, [.. _pipelines], from, to, openFor);
            }
        }
    }

    private async Task AnnounceAsync(Task last, WeakReference<BreakerPipeline>[] pipelines, BreakerState from, BreakerState to, TimeSpan openFor)
    {
        await last.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        foreach (var known in pipelines)
        {
            try
            {
                if (known.TryGetTarget(out var pipeline))
                {
                    pipeline.Report(from, to, openFor);
                }
            }
            catch (Exception exception)
            {
                LogListenerFailed(exception, name, to);
            }
        }
    }

    [LoggerMessage(2004, LogLevel.Warning, "A telemetry listener failed when it was told that breaker '{Breaker}' is {State}.")]
    private partial void LogListenerFailed(Exception exception, string breaker, BreakerState state);
}
