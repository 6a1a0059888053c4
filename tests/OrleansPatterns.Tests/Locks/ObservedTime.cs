using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace OrleansPatterns.Tests.Locks;

/// <summary>A fake clock that tells when somebody begins to wait on it, so that a test moves it no sooner.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _armed.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until a timer with this due time has been set; those set before it are skipped.</summary>
    public async Task ArmedAsync(TimeSpan dueTime)
    {
        while (await _armed.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon() != dueTime)
        {
        }
    }
}
