namespace OrleansPatterns.Discovery;

/// <summary>The same instance for the same key, in every process and release: each instance bids for the key, and the highest bid gets it.</summary>
/// <remarks>
/// Bids are <c>-weight / ln(h)</c>, with <c>h</c> a hash of key and id between 0 and 1: the chance of the highest bid is then in proportion to the
/// weight, and when weights change, keys move only to those that gained (Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", 2005). Other
/// hashes would move every key, so a test pins some.
/// </remarks>
internal static class RendezvousHash
{
    /// <summary>A text's hash: FNV-1a over its UTF-16 code units, and mixed, because FNV's high bits know little of the last characters.</summary>
    public static ulong Of(string text)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 0x100000001b3;
        }

        return Mix(hash);
    }

    /// <summary>The highest bidder, or among those whose breaker is not open the highest; <see langword="null"/>: there is none.</summary>
    /// <param name="pool">The bidders.</param>
    /// <param name="key">What is bid for.</param>
    /// <param name="isBreakerOpen">Excludes bidders; <see langword="null"/>: none.</param>
    public static RoutedInstance? Choose(InstancePool pool, string key, Func<string, bool>? isBreakerOpen)
    {
        var hash = Of(key);
        RoutedInstance? highest = null;
        var bid = -1.0;
        for (var index = 0; index < pool.Instances.Length; index++)
        {
            var instance = pool.Instances[index];
            var next = Fraction(hash ^ instance.Hash);

            // Among equals the formula changes no order, and its logarithm is what costs.
            next = pool.IsEven ? next : -pool.Weights[index] / Math.Log(next);

            // Breakers are asked last, as few instances get so far.
            if ((next > bid || (next == bid && string.CompareOrdinal(instance.Instance.Id, highest!.Instance.Id) < 0))
                && !instance.HasOpenBreaker(isBreakerOpen))
            {
                highest = instance;
                bid = next;
            }
        }

        return highest;
    }

    /// <summary>Greater than 0 and less than 1.</summary>
    /// <remarks>52 bits and a half: with one bit more the highest would be rounded to 1, whose logarithm is 0.</remarks>
    private static double Fraction(ulong hash) => ((Mix(hash) >> 12) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
