using System.Diagnostics;

namespace OrleansPatterns.PostgresTests.Locks;

/// <summary>The clock of a process that can be paused: its timers do not fire meanwhile, and time goes on without it.</summary>
internal sealed class PausableTime : TimeProvider
{
    private readonly Lock _gate = new();
    private List<Action>? _missed;

    public override long GetTimestamp() => Stopwatch.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(Fire, (callback, state), dueTime, period);

    internal void Pause()
    {
        lock (_gate)
        {
            _missed = [];
        }
    }

    internal void Resume()
    {
        List<Action> missed;
        lock (_gate)
        {
            (missed, _missed) = (_missed ?? [], null);
        }

        missed.ForEach(fire => fire());
    }

    private void Fire(object? timer)
    {
        var (callback, state) = ((TimerCallback, object?))timer!;
        lock (_gate)
        {
            if (_missed is not null)
            {
                _missed.Add(() => callback(state));
                return;
            }
        }

        callback(state);
    }
}
