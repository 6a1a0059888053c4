using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using OrleansPatterns.Postgres.Clock;

namespace OrleansPatterns.PostgresTests.Clock;

/// <summary>Time that the test moves, and that tells when the service waits for its next measurement: then the last one is over.</summary>
internal sealed class ClockTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<ITimer> _waits = Channel.CreateUnbounded<ITimer>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == ClusterClockService.Interval)
        {
            _waits.Writer.TryWrite(timer);
        }

        return timer;
    }

    /// <summary>Counts: each time is answered by one wait of the service.</summary>
    internal Task UntilServiceWaitsAsync() => _waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
