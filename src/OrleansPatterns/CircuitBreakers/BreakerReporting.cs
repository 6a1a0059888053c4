namespace OrleansPatterns.CircuitBreakers;

/// <summary>When a process reports: an interval after the first outcome, sooner for many outcomes or for reason enough to open.</summary>
/// <remarks>
/// Two reports are an interval apart, whatever the rate of calls; only reason enough to open may go between, once a second. With the default interval
/// that is at most eleven a second.
/// </remarks>
internal sealed class BreakerReporting(BreakerSettings settings, TimeSpan interval, TimeProvider time)
{
    private const int Batch = 256;
    private const int LookEvery = 32;

    private static readonly TimeSpan UrgentInterval = TimeSpan.FromSeconds(1);

    private TaskCompletionSource _counted = NewSignal();
    private TaskCompletionSource _full = NewSignal();
    private TaskCompletionSource _urgent = NewSignal();
    private long? _reportedAt;
    private long? _urgentAt;
    private int _isIdle;

    public void Count(CallCounts counts, bool succeeded, bool isSlow)
    {
        var here = counts.Add(succeeded, isSlow);
        if (Volatile.Read(ref _isIdle) != 0 && Interlocked.Exchange(ref _isIdle, 0) != 0)
        {
            _counted.TrySetResult();
        }

        if (here % LookEvery == 0 && counts.Read().Calls >= Batch)
        {
            _full.TrySetResult();
        }

        if ((!succeeded || isSlow) && BreakerVerdict.IsDue(settings, counts.Read()))
        {
            _urgent.TrySetResult();
        }
    }

    /// <param name="counts">The present counts.</param>
    /// <param name="atMost">How long to wait if nothing is counted.</param>
    /// <param name="stopping">Ends the waiting with an exception.</param>
    public async Task WaitAsync(Func<CallCounts> counts, TimeSpan atMost, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        (_counted, _full, _urgent) = (NewSignal(), NewSignal(), NewSignal());
        Interlocked.Exchange(ref _isIdle, 1);

        // What was counted before there was anybody to signal.
        var waiting = counts().Read();
        if (waiting.Calls > 0)
        {
            _counted.TrySetResult();
        }

        if (BreakerVerdict.IsDue(settings, waiting))
        {
            _urgent.TrySetResult();
        }

        await Task.WhenAny(_counted.Task, Task.Delay(atMost, time, over.Token));
        if (_counted.Task.IsCompleted)
        {
            await WaitForMoreAsync(over.Token);
        }

        await over.CancelAsync();
        stopping.ThrowIfCancellationRequested();
        _reportedAt = time.GetTimestamp();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WaitForMoreAsync(CancellationToken over)
    {
        var mayHurry = _urgentAt is not { } last || time.GetElapsedTime(last) >= UrgentInterval;
        var isApart = _reportedAt is not { } reported || time.GetElapsedTime(reported) >= interval;
        List<Task> reasons = [Task.Delay(interval, time, over)];
        if (mayHurry)
        {
            reasons.Add(_urgent.Task);
        }

        if (isApart)
        {
            reasons.Add(_full.Task);
        }

        if (await Task.WhenAny(reasons) == _urgent.Task)
        {
            _urgentAt = time.GetTimestamp();
        }
    }
}
