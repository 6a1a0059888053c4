using Microsoft.Extensions.Time.Testing;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>
/// The clock of a test cluster. A repeating timer that is overtaken fires once, as after a pause of the process: every silo looks for wake-ups four
/// times a second, which in a month would be ten million times.
/// </summary>
internal sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new LenientTimer(this, callback, state, dueTime, period);

    private ITimer CreateInner(TimerCallback callback) => base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed class LenientTimer : ITimer
    {
        private readonly Lock _gate = new();
        private readonly ITimer _inner;
        private TimeSpan _period;

        internal LenientTimer(TestClock time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _inner = time.CreateInner(_ =>
            {
                Repeat();
                callback(state);
            });
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _period = period;
                return _inner.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => _inner.Dispose();

        public ValueTask DisposeAsync() => _inner.DisposeAsync();

        private void Repeat()
        {
            lock (_gate)
            {
                if (_period > TimeSpan.Zero)
                {
                    _inner.Change(_period, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }
}
