using Orleans.Storage;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>One caller's row: waits in the queue, goes out with others, and is answered by itself.</summary>
/// <param name="key">Rows with equal keys are never under way together, and go out in the order they came; <see langword="null"/>: no such rule.</param>
/// <param name="bytes">The size of its payload.</param>
internal abstract class BatchItem(object? key, int bytes)
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _stage = Queued;
    private Exception? _fault;

    internal object? Key => key;

    internal int Bytes => bytes;

    /// <summary>When it was accepted, as a timestamp of the queue's clock.</summary>
    internal long AcceptedAt { get; set; }

    /// <summary>The row with the same key that came after it.</summary>
    internal BatchItem? Follower { get; set; }

    /// <summary>Whether an attempt ended without an answer: a refusal from now on may be that of a row that is already there.</summary>
    internal bool MayHaveLanded { get; set; }

    /// <summary>Whether it was too slow by itself, for instance behind somebody's lock: from now on it goes out alone, between other batches.</summary>
    internal bool MustGoAlone { get; set; }

    internal bool IsSettled { get; private set; }

    /// <summary>Whether it was refused because its version is not the stored one.</summary>
    internal bool IsConflict => _fault is InconsistentStateException;

    /// <summary>Completes when the row is answered; fails with what its caller is to know.</summary>
    internal Task Answer => _answer.Task;

    /// <summary>Takes the row out of its caller's hands: from here on its fate is the server's. Again is fine.</summary>
    internal bool TryTake() => Interlocked.CompareExchange(ref _stage, Taken, Queued) != Withdrawn;

    /// <summary>The caller stops waiting. A row that has not been taken is not sent.</summary>
    internal void Withdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _stage, Withdrawn, Queued) == Queued)
        {
            _answer.TrySetCanceled(cancellationToken);
        }
    }

    internal void Succeed() => IsSettled = true;

    internal void Fail(Exception fault)
    {
        _fault = fault;
        IsSettled = true;
    }

    /// <summary>Lets the caller know. Apart from the settling, so that the queue forgets the row before its caller can send the next.</summary>
    internal void Publish()
    {
        if (_fault is null)
        {
            _answer.TrySetResult();
        }
        else
        {
            _answer.TrySetException(_fault);
        }
    }

    /// <summary>The server refuses this row and no other.</summary>
    internal abstract Exception Refused(Exception fault);

    /// <summary>The time is over, or the queue is closed. <see cref="MayHaveLanded"/> decides what is true.</summary>
    internal abstract Exception GivenUp(string reason, Exception? fault);
}
