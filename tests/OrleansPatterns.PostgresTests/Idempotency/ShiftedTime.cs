using System.Diagnostics;

namespace OrleansPatterns.PostgresTests.Idempotency;

/// <summary>The real clock, which a test puts forward: what happened before it lies that much further back.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ticks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));

    public override long GetTimestamp() =>
        Stopwatch.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds * Stopwatch.Frequency);

    internal void PutForward(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
