namespace OrleansPatterns.Discovery;

/// <summary>A new instance gets a rising part of its share: a pick of it counts with a chance that grows with its age, from a tenth.</summary>
internal static class SlowStart
{
    private const double Least = 0.1;

    public static bool Accepts(RoutedInstance instance, TimeSpan slowStart, TimeSpan now, Random random) =>
        instance.BornAt is not { } bornAt || random.NextDouble() < Math.Max(Least, (now - bornAt) / slowStart);
}
