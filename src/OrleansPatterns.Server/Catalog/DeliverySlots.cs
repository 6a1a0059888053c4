namespace OrleansPatterns.Server.Catalog;

/// <summary>How many deliveries may still begin. One loop takes and waits; deliveries give back from any thread.</summary>
internal sealed class DeliverySlots(int capacity)
{
    private readonly Lock _lock = new();
    private int _free = capacity;
    private int _wanted;
    private TaskCompletionSource? _waiting;

    internal int Free => Volatile.Read(ref _free);

    internal void Take() => Interlocked.Decrement(ref _free);

    internal void GiveBack()
    {
        lock (_lock)
        {
            if (Interlocked.Increment(ref _free) >= _wanted)
            {
                _waiting?.TrySetResult();
            }
        }
    }

    /// <summary>Completes when so many slots are free. A later call takes the place of an earlier one.</summary>
    internal Task WhenFreeAsync(int count)
    {
        lock (_lock)
        {
            if (_free >= count)
            {
                return Task.CompletedTask;
            }

            _wanted = count;
            _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task;
        }
    }
}
