using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Idempotency;

/// <summary>One execution of an idempotent operation, whose lease is renewed until it is completed or disposed.</summary>
/// <remarks>
/// Do the work, then call <see cref="CompleteAsync"/>. Disposing it without that says that the work failed, and frees the key for the next
/// caller. A process that dies does neither; then the lease ends and <see cref="OnExecutorLost"/> decides.
/// </remarks>
public sealed partial class IdempotentExecution : IAsyncDisposable
{
    /// <summary>How long freeing the key may hold up whoever waits for the failure; should it not succeed, the lease ends by itself.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private readonly IIdempotencyGrain _grain;
    private readonly IdempotencyOptions _options;
    private readonly ClusterCaller _caller;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _renewing;
    private long _leaseCountedFrom;
    private bool _completionTried;
    private bool _disposed;

    internal IdempotentExecution(
        IIdempotencyGrain grain,
        IdempotencyKey key,
        long executionToken,
        long sentAt,
        IdempotencyOptions options,
        ClusterCaller caller,
        TimeProvider time,
        ILogger logger)
    {
        _grain = grain;
        _options = options;
        _caller = caller;
        _time = time;
        _logger = logger;
        Key = key;
        ExecutionToken = executionToken;
        _leaseCountedFrom = sentAt;
        _lost = new CancellationTokenSource(LeaseLeft(), time);
        LostToken = _lost.Token;
        _renewing = KeepRenewingAsync();
    }

    /// <summary>The operation.</summary>
    public IdempotencyKey Key { get; }

    /// <summary>Grows with every execution of the key, so a resource that keeps the highest one it saw can refuse an overtaken executor.</summary>
    public long ExecutionToken { get; }

    /// <summary>
    /// Fires when the execution is lost: at the end of the lease, by this process's monotonic clock from before the last renewal was sent, or
    /// when a renewal learns that another caller took over. Stop the work then.
    /// </summary>
    /// <remarks>
    /// A failed renewal alone is no loss: it is tried again until the lease ends. Once lost, an execution stays lost for this token, but
    /// <see cref="CompleteAsync"/> still succeeds when nobody has taken over in the meantime.
    /// </remarks>
    public CancellationToken LostToken { get; }

    /// <summary>Records that the work is done. From then on every caller gets this result.</summary>
    /// <remarks>
    /// May be called again when it failed with <see cref="ClusterUnavailableException"/>. It asks the cluster even after <see cref="LostToken"/>
    /// fired: the work is done, and recording it, where nobody has begun it anew, is better than having it done again.
    /// </remarks>
    /// <param name="result">The result; empty for messages, which have none.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the result may be recorded all the same.</param>
    /// <exception cref="IdempotencyExecutionLostException">Another caller took over; this result was not recorded.</exception>
    /// <exception cref="IdempotencyResultTooLargeException">The key is completed, without the result.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the result was recorded is unknown.</exception>
    /// <exception cref="ObjectDisposedException">The execution has been disposed.</exception>
    public async Task CompleteAsync(ReadOnlyMemory<byte> result = default, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _completionTried = true;
        var tooLarge = result.Length > _options.MaxResultBytes;
        var request = new CompleteRequest
        {
            ExecutionToken = ExecutionToken,
            Result = tooLarge ? null : result.ToArray(),
            OmittedResultBytes = tooLarge ? result.Length : 0,
            Retention = _options.Retention,
        };
        var claim = await _caller.CallAsync($"complete '{Key}'", _ => _grain.CompleteAsync(request), cancellationToken);
        await _ended.CancelAsync();
        if (claim == ExecutionClaim.Stale)
        {
            LogOvertaken(Key, ExecutionToken);
            await _lost.CancelAsync();
            throw new IdempotencyExecutionLostException(Key, ExecutionToken);
        }

        if (tooLarge)
        {
            throw new IdempotencyResultTooLargeException(Key, result.Length);
        }
    }

    /// <summary>Ends the execution: frees the key unless <see cref="CompleteAsync"/> was called. Waits for that at most 5 seconds and never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _ended.CancelAsync();
        await _renewing;
        if (!_completionTried)
        {
            // When completing failed the work is done all the same, and its report may still arrive: then the key must not be freed.
            await ReleaseAsync();
        }

        _lost.Dispose();
        _ended.Dispose();
    }

    private TimeSpan LeaseLeft()
    {
        var left = _options.Lease - _time.GetElapsedTime(_leaseCountedFrom);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task KeepRenewingAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, LostToken);
        using var timer = new PeriodicTimer(_options.Lease / 3, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await RenewAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (!_ended.IsCancellationRequested)
            {
                LogLost(Key, ExecutionToken);
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (claim, sentAt) = await _caller.CallAsync(
                $"renew '{Key}'",
                async _ =>
                {
                    var sentAt = _time.GetTimestamp();
                    return (await _grain.RenewAsync(ExecutionToken), sentAt);
                },
                cancellationToken);

            // After a pause the answer can be seen before the timer of the deadline has run; what is past its deadline stays lost.
            if (claim == ExecutionClaim.Stale || LeaseLeft() == TimeSpan.Zero)
            {
                await _lost.CancelAsync();
                return;
            }

            _leaseCountedFrom = sentAt;
            _lost.CancelAfter(LeaseLeft());
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Unknown is not lost: the next tick tries again, and the end of the lease is watched by its own timer.
            LogRenewalFailed(exception, Key, ExecutionToken);
        }
    }

    private async Task ReleaseAsync()
    {
        using var patience = new CancellationTokenSource(ReleasePatience, _time);
        try
        {
            await _caller.CallAsync($"release '{Key}'", _ => _grain.ReleaseAsync(ExecutionToken), patience.Token);
        }
        catch (Exception exception)
        {
            LogReleaseFailed(exception, Key, ExecutionToken);
        }
    }
}
