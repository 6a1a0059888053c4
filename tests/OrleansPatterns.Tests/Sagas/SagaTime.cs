using Microsoft.Extensions.Time.Testing;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>A fake clock that tells when somebody begins to wait on it, so that a test moves it no sooner.</summary>
public sealed class SagaTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan Min, TimeSpan Max, TaskCompletionSource Armed)> _waiting = [];

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

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ObservedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        Tell(dueTime);
        return timer;
    }

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

    private sealed class ObservedTimer(SagaTime time, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = inner.Change(dueTime, period);
            time.Tell(dueTime);
            return changed;
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
