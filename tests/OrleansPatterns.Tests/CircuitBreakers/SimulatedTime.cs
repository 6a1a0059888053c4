namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Events in the order of a true time, one after the other on the calling thread: the same each time for the same seed.</summary>
internal sealed class SimulatedTime
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private long _number;

    public TimeSpan Now { get; private set; }

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, ++_number));

    /// <remarks>What waits goes on within the event itself.</remarks>
    public Task DelayAsync(TimeSpan delay)
    {
        var over = new TaskCompletionSource();
        After(delay, over.SetResult);
        return over.Task;
    }

    public void RunUntil(TimeSpan end)
    {
        while (_events.TryPeek(out var action, out var due) && due.At <= end)
        {
            _events.Dequeue();
            Now = due.At;
            action();
        }

        Now = end;
    }

    /// <summary>A machine's clock, which runs too fast or too slowly and shows another time of day.</summary>
    public TimeProvider Clock(double rate, TimeSpan shift) => new SkewedClock(this, rate, shift);

    private sealed class SkewedClock(SimulatedTime time, double rate, TimeSpan shift) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => shift.Ticks + (long)(time.Now.Ticks * rate);

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Math.Abs(shift.Ticks) + (long)(time.Now.Ticks * rate));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new SimulatedTimer(() => callback(state));
            time.After(dueTime / rate, timer.Fire);
            return timer;
        }
    }

    /// <summary>Fires once, as those do that limit a waiting.</summary>
    private sealed class SimulatedTimer(Action callback) : ITimer
    {
        private bool _isDisposed;

        public void Fire()
        {
            if (!_isDisposed)
            {
                callback();
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("A simulated timer fires once.");

        public void Dispose() => _isDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
