using Microsoft.Extensions.Time.Testing;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// A fake clock that tells when somebody begins to wait on it, so that a test moves it no sooner. A repeating timer that has been overtaken fires
/// once, as after a pause of the process: a month would else be ten million polls.
/// </summary>
public sealed class SagaTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan Min, TimeSpan Max, TaskCompletionSource Armed)> _waiting = [];

    /// <summary>What the silos write. Their configurators are made by type name, so the clock is what they share with the test.</summary>
    internal SagaJournal Journal { get; } = new();

    /// <summary>Completes when, from now on, a timer is set to such a time.</summary>
    public Task ArmedAsync(TimeSpan min, TimeSpan max)
    {
        var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((min, max, armed));
        }

        return armed.Task.Soon();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ObservedTimer(this, callback, state, dueTime, period);

    private ITimer CreateInner(TimerCallback callback) => base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void Tell(TimeSpan dueTime)
    {
        lock (_gate)
        {
            foreach (var (_, _, armed) in _waiting.Where(wait => dueTime >= wait.Min && dueTime <= wait.Max))
            {
                armed.TrySetResult();
            }

            _waiting.RemoveAll(wait => wait.Armed.Task.IsCompleted);
        }
    }

    private sealed class ObservedTimer : ITimer
    {
        private readonly Lock _gate = new();
        private readonly SagaTime _time;
        private readonly ITimer _inner;
        private TimeSpan _period;

        internal ObservedTimer(SagaTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _time = time;
            _inner = time.CreateInner(_ =>
            {
                Repeat();
                callback(state);
            });
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool changed;
            lock (_gate)
            {
                _period = period;
                changed = _inner.Change(dueTime, Timeout.InfiniteTimeSpan);
            }

            _time.Tell(dueTime);
            return changed;
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
