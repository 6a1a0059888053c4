using System.Globalization;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>The clock of a process whose wall clock is off, and is set again and again; what it measures by is right.</summary>
/// <param name="offset">How much it is ahead for half a minute; then it is as much behind for the next, and so on.</param>
internal sealed class SkewedTime(TimeSpan offset) : TimeProvider
{
    internal const string Variable = "Chaos__ClockOffset";

    private static readonly long Turn = (long)TimeSpan.FromSeconds(30).TotalNanoseconds;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + (MonotonicClock.Now / Turn % 2 == 0 ? offset : -offset);

    internal static SkewedTime OfThisProcess() =>
        new(TimeSpan.Parse(Environment.GetEnvironmentVariable(Variable) ?? "0", CultureInfo.InvariantCulture));
}
