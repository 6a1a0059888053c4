using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>
/// Collects rows of many callers while earlier batches are under way, and sends them as one. A row that comes when nothing is under way
/// goes out at once: nobody ever waits for a batch to fill.
/// </summary>
/// <remarks>
/// Group commit as databases do it for their logs: the busier the queue, the larger the batches, with no timer to tune. Bounded by
/// <see cref="BatchLimits"/>: callers beyond the queue's length wait before their row is even made.
/// </remarks>
internal sealed class BatchQueue<TItem> : IDisposable
    where TItem : BatchItem
{
    private readonly Lock _sync = new();
    private readonly Queue<TItem> _ready = new();
    private readonly Dictionary<object, BatchItem> _lastOfKey = [];
    private readonly Stack<BatchSender<TItem>> _idle = new();
    private readonly SemaphoreSlim _room;
    private readonly BatchLimits _limits;
    private readonly BatchInstruments _instruments;
    private readonly TimeProvider _time;

    /// <summary>Set while the queue is closing: completes when no sender is busy any more.</summary>
    private TaskCompletionSource? _drained;

    internal BatchQueue(
        NpgsqlDataSource dataSource,
        BatchKind kind,
        IBatchStatement<TItem> statement,
        BatchLimits limits,
        BatchInstruments instruments,
        TimeProvider time,
        ILogger logger)
    {
        _limits = limits;
        _instruments = instruments;
        _time = time;
        _room = new SemaphoreSlim(limits.QueueLength);
        for (var lane = 0; lane < limits.ConcurrentBatches; lane++)
        {
            _idle.Push(new BatchSender<TItem>(dataSource, kind, statement, limits, instruments, time, logger));
        }

        instruments.Opened(this, kind, () => limits.QueueLength - _room.CurrentCount);
    }

    /// <summary>Makes a row as soon as there is room for it, sends it, and returns it when it is answered.</summary>
    /// <param name="make">Makes the row; here it may refuse its input.</param>
    /// <param name="refuse">Makes the error for a row that finds no room, or the silo stopping, from the reason.</param>
    /// <param name="cancellationToken">Withdraws a row that was not sent yet. One that was is waited for: its fate must be known.</param>
    internal async Task<TItem> RunAsync(Func<TItem> make, Func<string, Exception> refuse, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var acceptedAt = _time.GetTimestamp();
        await EnterAsync(refuse, cancellationToken).ConfigureAwait(false);
        TItem item;
        try
        {
            item = make();
            item.AcceptedAt = acceptedAt;
            Accept(item, refuse);
        }
        catch
        {
            _room.Release();
            throw;
        }

        await using var withdrawal = cancellationToken.UnsafeRegister(
            static (state, token) => ((TItem)state!).Withdraw(token), item).ConfigureAwait(false);
        await item.Answer.ConfigureAwait(false);
        return item;
    }

    /// <summary>Takes no more rows and waits until all that were taken are answered, or fails those not sent yet when the token fires.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        Task drained;
        lock (_sync)
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            CompleteIfDrained();
            drained = _drained.Task;
        }

        await using var impatience = cancellationToken.UnsafeRegister(static queue => ((BatchQueue<TItem>)queue!).FailQueued(), this)
            .ConfigureAwait(false);
        await drained.ConfigureAwait(false);
    }

    /// <summary>Gives the connections of idle senders back.</summary>
    public void Dispose()
    {
        _instruments.Closed(this);
        lock (_sync)
        {
            foreach (var sender in _idle)
            {
                sender.Dispose();
            }
        }

        _room.Dispose();
    }

    private async ValueTask EnterAsync(Func<string, Exception> refuse, CancellationToken cancellationToken)
    {
        if (_room.Wait(0, CancellationToken.None))
        {
            return;
        }

        using var deadline = new CancellationTokenSource(_limits.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _room.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw refuse(
                $"The queue stayed full ({_limits.QueueLength} rows) for {_limits.Timeout.TotalSeconds:0.#} s. The database takes less than this silo "
                + "writes: repeat later, or add silos or database capacity.");
        }
    }

    private void Accept(TItem item, Func<string, Exception> refuse)
    {
        BatchSender<TItem>? sender;
        lock (_sync)
        {
            if (_drained is not null)
            {
                throw refuse("The silo is stopping. Repeat the call: another silo will take it.");
            }

            if (item.Key is { } key)
            {
                if (_lastOfKey.TryGetValue(key, out var before))
                {
                    before.Follower = item;
                    _lastOfKey[key] = item;
                    return;
                }

                _lastOfKey[key] = item;
            }

            _ready.Enqueue(item);
            if (!_idle.TryPop(out sender))
            {
                return;
            }
        }

        _ = SendWhileBusyAsync(sender);
    }

    /// <summary>Never faults: every fault ends at the callers whose rows it concerns.</summary>
    private async Task SendWhileBusyAsync(BatchSender<TItem> sender)
    {
        while (Take(sender) is { Count: > 0 } batch)
        {
            try
            {
                await sender.SendAsync(batch).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                FailUnsettled(batch, exception);
            }

            Release(Settled(batch));
        }
    }

    /// <summary>What is to go alone waits its turn again; everything else is answered.</summary>
    private List<TItem> Settled(List<TItem> batch)
    {
        if (batch.TrueForAll(item => item.IsSettled))
        {
            return batch;
        }

        lock (_sync)
        {
            foreach (var item in batch.Where(item => !item.IsSettled))
            {
                _ready.Enqueue(item);
            }
        }

        return [.. batch.Where(item => item.IsSettled)];
    }

    private static void FailUnsettled(List<TItem> batch, Exception exception)
    {
        foreach (var item in batch.Where(item => !item.IsSettled))
        {
            item.MayHaveLanded = true;
            item.Fail(item.GivenUp("Sending it failed.", exception));
        }
    }

    /// <summary>The next batch; none makes the sender idle, in the same breath, so that no row can come in between and stay.</summary>
    private List<TItem> Take(BatchSender<TItem> sender)
    {
        var batch = new List<TItem>();
        while (true)
        {
            var withdrawn = new List<TItem>();
            var overdue = new List<TItem>();
            lock (_sync)
            {
                var bytes = 0L;
                while (batch.Count < _limits.BatchSize
                    && _ready.TryPeek(out var next)
                    && (batch.Count == 0 || (bytes + next.Bytes <= _limits.BatchBytes && !next.MustGoAlone && !batch[0].MustGoAlone)))
                {
                    _ready.Dequeue();
                    if (!next.TryTake())
                    {
                        withdrawn.Add(next);
                    }
                    else if (_time.GetElapsedTime(next.AcceptedAt) >= _limits.Timeout)
                    {
                        overdue.Add(next);
                    }
                    else
                    {
                        batch.Add(next);
                        bytes += next.Bytes;
                    }
                }

                if (batch.Count + withdrawn.Count + overdue.Count == 0)
                {
                    _idle.Push(sender);
                    CompleteIfDrained();
                    return batch;
                }
            }

            foreach (var item in overdue)
            {
                item.Fail(item.GivenUp($"It waited in the queue for {_limits.Timeout.TotalSeconds:0.#} s.", fault: null));
            }

            Release([.. withdrawn, .. overdue]);
            if (batch.Count > 0)
            {
                return batch;
            }
        }
    }

    /// <summary>Forgets answered rows and lets their followers go, then tells the callers.</summary>
    private void Release(List<TItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        lock (_sync)
        {
            foreach (var item in items)
            {
                if (item.Key is null)
                {
                    continue;
                }

                if (item.Follower is TItem follower)
                {
                    _ready.Enqueue(follower);
                }
                else
                {
                    _lastOfKey.Remove(item.Key);
                }
            }
        }

        _room.Release(items.Count);
        foreach (var item in items)
        {
            if (item.IsConflict)
            {
                _instruments.Conflicted();
            }

            item.Publish();
        }
    }

    private void FailQueued()
    {
        List<TItem> failed = [];
        lock (_sync)
        {
            while (_ready.TryDequeue(out var item))
            {
                if (item.TryTake())
                {
                    item.Fail(item.GivenUp("The silo stopped before it was sent.", fault: null));
                }

                failed.Add(item);
            }
        }

        Release(failed);
    }

    private void CompleteIfDrained()
    {
        if (_drained is not null && _idle.Count == _limits.ConcurrentBatches && _ready.Count == 0)
        {
            _drained.TrySetResult();
        }
    }
}
