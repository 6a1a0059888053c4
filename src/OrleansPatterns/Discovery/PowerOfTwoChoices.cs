namespace OrleansPatterns.Discovery;

/// <summary>Of two different instances at random, the one with more weight for each call that it would have.</summary>
internal static class PowerOfTwoChoices
{
    public static RoutedInstance Choose(InstancePool pool, Random random)
    {
        var instances = pool.Instances;
        if (instances.Length == 1)
        {
            return instances[0];
        }

        // One random number for both, 31 and 32 bits of it: half the cost, and chances equal to within the count of instances in 2^31.
        var bits = (ulong)random.NextInt64();
        var first = (int)(((bits >> 32) * (uint)instances.Length) >> 31);
        var second = (int)(((bits & uint.MaxValue) * (uint)(instances.Length - 1)) >> 32);
        if (second >= first)
        {
            second++;
        }

        // Which of two is the first is chance, so a tie is too.
        return IsBetter(pool, second, first) ? instances[second] : instances[first];
    }

    /// <remarks>Envoy's formula, weight / (calls under way + 1), without the divisions.</remarks>
    private static bool IsBetter(InstancePool pool, int one, int other)
    {
        var (calls, otherCalls) = (pool.Instances[one].UnderWay, pool.Instances[other].UnderWay);
        return pool.IsEven ? calls < otherCalls : pool.Weights[one] * (otherCalls + 1.0) > pool.Weights[other] * (calls + 1.0);
    }
}
