using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace OrleansPatterns.Tests;

/// <summary>A fake clock that tells when somebody begins to wait on it, so that a test moves it no sooner.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();
    private int _armedTimers;
    private long _shift;

    /// <summary>How many timers are going to fire.</summary>
    public int ArmedTimers => Volatile.Read(ref _armedTimers);

    public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref _shift);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ObservedTimer(this, callback, state, dueTime, period);

    /// <summary>Moves the clock and not its timers: forth, they are late, as after a pause of the process; back, they are early.</summary>
    public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <summary>Waits until a timer with this due time has been set; those set before it are skipped.</summary>
    public Task ArmedAsync(TimeSpan dueTime) => ArmedAsync(dueTime, dueTime);

    /// <summary>As <see cref="ArmedAsync(TimeSpan)"/>, for a due time that is drawn by lot.</summary>
    public async Task ArmedAsync(TimeSpan min, TimeSpan max)
    {
        TimeSpan dueTime;
        do
        {
            dueTime = await _armed.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }
        while (dueTime < min || dueTime > max);
    }

    private ITimer CreateInner(TimerCallback callback) => base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed class ObservedTimer : ITimer
    {
        private readonly ObservedTime _time;
        private readonly ITimer _inner;
        private int _isArmed;

        internal ObservedTimer(ObservedTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _time = time;
            _inner = time.CreateInner(_ =>
            {
                SetArmed(false);
                callback(state);
            });
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var isArmed = dueTime != Timeout.InfiniteTimeSpan;
            SetArmed(isArmed);
            var isChanged = _inner.Change(dueTime, period);
            if (isArmed)
            {
                _time._armed.Writer.TryWrite(dueTime);
            }

            return isChanged;
        }

        public void Dispose()
        {
            SetArmed(false);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void SetArmed(bool isArmed)
        {
            var next = isArmed ? 1 : 0;
            Interlocked.Add(ref _time._armedTimers, next - Interlocked.Exchange(ref _isArmed, next));
        }
    }
}
