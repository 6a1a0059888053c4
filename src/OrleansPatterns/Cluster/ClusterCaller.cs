using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace OrleansPatterns.Cluster;

/// <summary>Calls a grain and calls again while the way to it is broken. Only for calls that may be repeated with the same arguments.</summary>
internal sealed class ClusterCaller
{
    private static readonly ResiliencePropertyKey<long> StartedAt = new("OrleansPatterns.StartedAt");

    private readonly TimeProvider _time;
    private readonly ClusterCallOptions _options;
    private readonly ResiliencePipeline _retry;

    public ClusterCaller(TimeProvider time, IOptions<ClusterCallOptions> options)
    {
        _time = time;
        _options = options.Value;
        _retry = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(25),
                MaxDelay = TimeSpan.FromSeconds(1),
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Exception is { } exception
                    && TransientFaults.IsTransient(exception)
                    && !arguments.Context.CancellationToken.IsCancellationRequested
                    && _time.GetElapsedTime(arguments.Context.Properties.GetValue(StartedAt, 0)) < _options.RetryFor),
            })
            .Build();
    }

    /// <summary>Makes the call until it is answered, for at most <see cref="ClusterCallOptions.RetryFor"/>.</summary>
    /// <param name="operation">Names the call in <see cref="ClusterUnavailableException"/>, as in "acquire lock 'sku-42'".</param>
    /// <param name="call">The grain call; it must be safe to repeat.</param>
    /// <param name="cancellationToken">Ends the waiting; the call may still take effect.</param>
    /// <param name="attemptTimeout">How long one attempt may take; <see langword="null"/>: <see cref="ClusterCallOptions.AttemptTimeout"/>.</param>
    internal async Task<T> CallAsync<T>(
        string operation,
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken,
        TimeSpan? attemptTimeout = null)
    {
        var startedAt = _time.GetTimestamp();
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(StartedAt, startedAt);
        try
        {
            return await _retry.ExecuteAsync(
                static async (context, state) => await AttemptAsync(state.call, state.timeout, state._time, context.CancellationToken),
                context,
                (call, timeout: attemptTimeout ?? _options.AttemptTimeout, _time));
        }
        catch (Exception exception) when (TransientFaults.IsTransient(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClusterUnavailableException(operation, _time.GetElapsedTime(startedAt), exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <inheritdoc cref="CallAsync{T}"/>
    internal Task CallAsync(
        string operation, Func<CancellationToken, Task> call, CancellationToken cancellationToken, TimeSpan? attemptTimeout = null) =>
        CallAsync(
            operation,
            async token =>
            {
                await call(token);
                return true;
            },
            cancellationToken,
            attemptTimeout);

    /// <summary>Stops waiting after the timeout; the abandoned call's late fault is observed, so that it does not surface elsewhere.</summary>
    private static async Task<T> AttemptAsync<T>(
        Func<CancellationToken, Task<T>> call, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var attempt = call(cancellationToken);
        try
        {
            return await attempt.WaitAsync(timeout, time, cancellationToken);
        }
        finally
        {
            _ = attempt.ContinueWith(
                static late => _ = late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
