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
        var timeout = attemptTimeout ?? _options.AttemptTimeout;
        Exception fault;
        try
        {
            // Nearly every call ends here, and without the cost of a pipeline.
            return await AttemptAsync(call, timeout, _time, cancellationToken);
        }
        catch (Exception exception) when (TransientFaults.IsTransient(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            fault = exception;
        }

        return await RetryAsync(operation, call, fault, startedAt, timeout, cancellationToken);
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

    /// <param name="operation">Names the call.</param>
    /// <param name="call">The call.</param>
    /// <param name="fault">How the first attempt ended; it counts as the pipeline's first.</param>
    /// <param name="startedAt">When that began.</param>
    /// <param name="timeout">How long one attempt may take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private async Task<T> RetryAsync<T>(
        string operation, Func<CancellationToken, Task<T>> call, Exception fault, long startedAt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task<T>? first = Task.FromException<T>(fault);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(StartedAt, startedAt);
        try
        {
            return await _retry.ExecuteAsync(
                async context => await (Interlocked.Exchange(ref first, null) ?? AttemptAsync(call, timeout, _time, context.CancellationToken)),
                context);
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

    /// <summary>Stops waiting after the timeout; the abandoned call's late fault is observed, so that it does not surface elsewhere.</summary>
    private static async Task<T> AttemptAsync<T>(
        Func<CancellationToken, Task<T>> call, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        // Nobody waits for it, and on a busy machine it may be over before that shows.
        cancellationToken.ThrowIfCancellationRequested();
        var attempt = call(cancellationToken);
        try
        {
            return await attempt.WaitAsync(timeout, time, cancellationToken);
        }
        catch when (!attempt.IsCompleted)
        {
            _ = attempt.ContinueWith(
                static late => _ = late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw;
        }
    }
}
