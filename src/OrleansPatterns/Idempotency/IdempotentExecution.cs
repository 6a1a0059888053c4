using Microsoft.Extensions.Logging;
using OrleansPatterns.Cluster;

namespace OrleansPatterns.Idempotency;

/// <summary>One execution of an idempotent operation, whose lease is renewed until it is completed, failed or disposed.</summary>
/// <remarks>
/// Do the work, then call <see cref="CompleteAsync"/>. Disposing it without that says that the work failed, and frees the key for the next
/// caller. A process that dies does neither; then the lease ends and <see cref="IdempotencyOptions.OnAbandoned"/> decides.
/// </remarks>
public sealed partial class IdempotentExecution : IAsyncDisposable
{
    /// <summary>How long freeing the key may hold up whoever waits for the failure; should it not succeed, the lease ends by itself.</summary>
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(5);

    private readonly IIdempotencyGrain _grain;
    private readonly IdempotencyOptions _options;
    private readonly TimeSpan _retention;
    private readonly ClusterCaller _caller;
    private readonly IdempotencyInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost;
    private readonly ITimer _renewals;
    private readonly Lock _gate = new();
    private readonly long _begunAt;

    private long _leaseCountedFrom;
    private Task _renewing = Task.CompletedTask;
    private Ending _ending;
    private bool _disposed;
    private int _isMeasured;

    internal IdempotentExecution(
        IIdempotencyGrain grain,
        IdempotencyKey key,
        BeginReply begun,
        long sentAt,
        IdempotencyOptions options,
        TimeSpan retention,
        ClusterCaller caller,
        IdempotencyInstruments instruments,
        TimeProvider time,
        ILogger logger)
    {
        _grain = grain;
        _options = options;
        _retention = retention;
        _caller = caller;
        _instruments = instruments;
        _time = time;
        _logger = logger;
        Key = key;
        ExecutionToken = begun.ExecutionToken;
        ServiceId = begun.ServiceId ?? "";
        _begunAt = _leaseCountedFrom = sentAt;

        // What the caller has in its execution context, a request's for instance, is not the renewals'.
        using (ExecutionContext.SuppressFlow())
        {
            _lost = new CancellationTokenSource(LeaseLeft(), time);
            LostToken = _lost.Token;
            LostToken.UnsafeRegister(static execution => ((IdempotentExecution)execution!).OnLost(), this);
            _renewals = time.CreateTimer(static execution => ((IdempotentExecution)execution!).OnRenewalDue(), this, options.Lease / 3, options.Lease / 3);
        }
    }

    /// <summary>What the executor has said of the end.</summary>
    private enum Ending
    {
        None = 0,

        /// <summary>A report is on its way and may have arrived, so the key must not be freed.</summary>
        Reported = 1,

        /// <summary>A database transaction completes the key; whether it has committed is not known here.</summary>
        InTransaction = 2,

        /// <summary>The cluster has answered.</summary>
        Known = 3,
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

    /// <summary>The Orleans service id of the cluster that gave the token.</summary>
    internal string ServiceId { get; }

    internal IdempotencyOptions Options => _options;

    internal TimeSpan Retention => _retention;

    /// <summary>Records that the work is done. From then on every caller gets this result.</summary>
    /// <remarks>
    /// May be called again when it failed with <see cref="ClusterUnavailableException"/>. It asks the cluster even after <see cref="LostToken"/>
    /// fired: the work is done, and recording it, where nobody has begun it anew, is better than having it done again.
    /// </remarks>
    /// <param name="result">The result; empty for messages, which have none.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the result may be recorded all the same.</param>
    /// <exception cref="IdempotencyExecutionLostException">Another caller took over; this result was not recorded.</exception>
    /// <exception cref="IdempotencyResultTooLargeException">
    /// The result is over <see cref="IdempotencyOptions.MaxResultBytes"/>. Nothing has changed: complete with a smaller one.
    /// </exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the result was recorded is unknown.</exception>
    /// <exception cref="ObjectDisposedException">The execution has been disposed.</exception>
    public Task CompleteAsync(ReadOnlyMemory<byte> result = default, CancellationToken cancellationToken = default)
    {
        CheckSize(result.Length);
        return RecordAsync(result.ToArray(), omittedResultBytes: 0, cancellationToken);
    }

    /// <summary>Says that the work failed; <see cref="IdempotencyOptions.OnFailure"/> decides whether that is remembered or the key is freed.</summary>
    /// <param name="exception">How it failed.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the failure may be recorded all the same.</param>
    /// <returns>What is remembered; <see langword="null"/>: nothing, the key is free.</returns>
    /// <exception cref="IdempotencyExecutionLostException">The failure was to be remembered, and another caller took over.</exception>
    /// <exception cref="ClusterUnavailableException">
    /// The failure was to be remembered, and the cluster did not answer: whether it is recorded is unknown.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The execution has been disposed.</exception>
    public async Task<IdempotencyFailure?> FailAsync(Exception exception, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_options.OnFailure(exception) != OnFailure.Remember)
        {
            await DisposeAsync();
            return null;
        }

        var failure = IdempotencyFailure.Of(exception);
        await FailAsync(failure, cancellationToken);
        return failure;
    }

    /// <summary>Records a failure as the result. From then on every caller gets <see cref="IdempotencyFailedException"/>.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="cancellationToken">Ends the waiting for the answer; the failure may be recorded all the same.</param>
    /// <exception cref="ArgumentException">A member of the failure is empty or too long; nothing has changed.</exception>
    /// <exception cref="IdempotencyExecutionLostException">Another caller took over; the failure was not recorded.</exception>
    /// <exception cref="ClusterUnavailableException">The cluster did not answer; whether the failure was recorded is unknown.</exception>
    /// <exception cref="ObjectDisposedException">The execution has been disposed.</exception>
    public Task FailAsync(IdempotencyFailure failure, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(failure);
        IdempotencyFailureBounds.Check(failure, nameof(failure));
        var request = new FailRequest { ExecutionToken = ExecutionToken, Failure = failure, Retention = _retention };
        return ReportAsync($"fail '{Key}'", () => _grain.FailAsync(request), ExecutionOutcome.Failed, cancellationToken);
    }

    /// <summary>
    /// Ends the execution: frees the key unless it was completed or failed. Waits for that at most 5 seconds and never throws. Safe to repeat.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Measure(
            _ending != Ending.None ? ExecutionOutcome.Unknown : LostToken.IsCancellationRequested ? ExecutionOutcome.Lost : ExecutionOutcome.Released);
        await StopRenewingAsync();
        switch (_ending)
        {
            case Ending.None:
                await EndAsync("release", _grain.ReleaseAsync);
                break;
            case Ending.InTransaction:
                await EndAsync("settle", _grain.SettleAsync);
                break;
            case Ending.Reported or Ending.Known:
                // When the report was not answered it may still arrive: then the key must not be freed.
                break;
        }

        _lost.Dispose();
    }

    /// <summary>Ends the execution after its work has failed.</summary>
    /// <returns>What the caller is told: <see cref="IdempotencyFailedException"/> where the failure is remembered, or else the fault itself.</returns>
    internal async Task<Exception> FailedAsync(Exception fault)
    {
        try
        {
            return await FailAsync(fault, CancellationToken.None) is { } failure ? new IdempotencyFailedException(Key, failure, fault) : fault;
        }
        catch (Exception refusal) when (refusal is IdempotencyExecutionLostException or ClusterUnavailableException)
        {
            // Whoever takes over decides; this caller is told what happened to its work.
            LogFailureNotRecorded(refusal, Key, ExecutionToken);
            return fault;
        }
    }

    /// <summary>The work is done and its result too large: the key is completed, so that the work does not run again.</summary>
    internal Task CompleteWithoutResultAsync(int resultBytes) => RecordAsync(result: null, resultBytes, CancellationToken.None);

    /// <exception cref="IdempotencyResultTooLargeException">The result is over the limit.</exception>
    internal void CheckSize(int resultBytes)
    {
        if (resultBytes > _options.MaxResultBytes)
        {
            throw new IdempotencyResultTooLargeException(Key, resultBytes);
        }
    }

    /// <summary>From here on a transaction of the executor's decides: freeing the key would let the work run a second time.</summary>
    /// <exception cref="IdempotencyExecutionLostException">Lost for so long that the key may have been forgotten, and no row be left to refuse it.</exception>
    internal void CompletesInTransaction()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_time.GetElapsedTime(_begunAt) >= _retention && LeaseLeft() == TimeSpan.Zero)
        {
            throw new IdempotencyExecutionLostException(Key, ExecutionToken);
        }

        _ending = _ending == Ending.None ? Ending.InTransaction : _ending;
    }

    private Task RecordAsync(byte[]? result, int omittedResultBytes, CancellationToken cancellationToken)
    {
        var request = new CompleteRequest
        {
            ExecutionToken = ExecutionToken, Result = result, OmittedResultBytes = omittedResultBytes, Retention = _retention,
        };
        return ReportAsync($"complete '{Key}'", () => _grain.CompleteAsync(request), ExecutionOutcome.Completed, cancellationToken);
    }

    private async Task ReportAsync(
        string operation, Func<Task<ExecutionClaim>> report, ExecutionOutcome outcome, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _ending = _ending == Ending.None ? Ending.Reported : _ending;
        var claim = await _caller.CallAsync(operation, _ => report(), cancellationToken);
        _ending = Ending.Known;
        Measure(claim == ExecutionClaim.Stale ? ExecutionOutcome.Lost : outcome);
        if (claim == ExecutionClaim.Stale)
        {
            LogOvertaken(Key, ExecutionToken);
            await LoseAsync();
            throw new IdempotencyExecutionLostException(Key, ExecutionToken);
        }

        await _renewals.DisposeAsync();
    }

    /// <summary>What is known first counts: afterwards there is only the disposal.</summary>
    private void Measure(ExecutionOutcome outcome)
    {
        if (Interlocked.Exchange(ref _isMeasured, 1) == 0)
        {
            _instruments.Ended(outcome, _time.GetElapsedTime(_begunAt));
        }
    }

    private TimeSpan LeaseLeft()
    {
        var left = _options.Lease - _time.GetElapsedTime(_leaseCountedFrom);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void OnRenewalDue()
    {
        lock (_gate)
        {
            if (!_disposed && _renewing.IsCompleted && !_lost.IsCancellationRequested)
            {
                _renewing = RenewAsync();
            }
        }
    }

    private async Task RenewAsync()
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
                LostToken);

            // After a pause the answer can be seen before the timer of the deadline has run; what is past its deadline stays lost.
            if (claim == ExecutionClaim.Stale || LeaseLeft() == TimeSpan.Zero)
            {
                await LoseAsync();
                return;
            }

            _leaseCountedFrom = sentAt;
            _lost.CancelAfter(LeaseLeft());
        }
        catch (Exception exception) when (!LostToken.IsCancellationRequested)
        {
            // Unknown is not lost: the next tick tries again, and the end of the lease is watched by its own timer.
            LogRenewalFailed(exception, Key, ExecutionToken);
        }
        catch (Exception)
        {
            // The lease has ended, or the execution has: whatever the renewal came to, nobody needs it.
        }
    }

    private async Task StopRenewingAsync()
    {
        await _renewals.DisposeAsync();
        Task renewing;
        lock (_gate)
        {
            renewing = _renewing;
        }

        if (!renewing.IsCompleted)
        {
            // Its answer is of no use to anyone; a call that hangs must not hold up the end.
            await LoseAsync();
            await renewing;
        }
    }

    /// <summary>What the work has registered with the token may throw; that is no fault of the execution's.</summary>
    private async Task LoseAsync() => await _lost.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void OnLost()
    {
        if (!_disposed && _ending != Ending.Known)
        {
            LogLost(Key, ExecutionToken);
        }
    }

    private async Task EndAsync(string operation, Func<long, Task<ExecutionClaim>> end)
    {
        using var patience = new CancellationTokenSource(ReleasePatience, _time);
        try
        {
            await _caller.CallAsync($"{operation} '{Key}'", _ => end(ExecutionToken), patience.Token);
        }
        catch (Exception exception)
        {
            LogEndFailed(exception, operation, Key, ExecutionToken);
        }
    }
}
