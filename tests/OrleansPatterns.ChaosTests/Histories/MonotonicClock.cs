using System.Diagnostics;

namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>The machine's clock that only goes forward, the same for all its processes.</summary>
internal static class MonotonicClock
{
    /// <summary>In nanoseconds.</summary>
    internal static long Now => (long)(Stopwatch.GetTimestamp() * (1_000_000_000.0 / Stopwatch.Frequency));
}
