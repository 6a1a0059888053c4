using System.Globalization;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>The clock of a process whose wall clock is off; what it measures by is right.</summary>
internal sealed class SkewedTime(TimeSpan offset) : TimeProvider
{
    internal const string Variable = "Chaos__ClockOffset";

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;

    internal static SkewedTime OfThisProcess() =>
        new(TimeSpan.Parse(Environment.GetEnvironmentVariable(Variable) ?? "0", CultureInfo.InvariantCulture));
}
