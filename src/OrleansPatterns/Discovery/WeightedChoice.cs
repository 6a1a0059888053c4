namespace OrleansPatterns.Discovery;

/// <summary>Any instance, with a chance in proportion to its weight.</summary>
internal static class WeightedChoice
{
    public static RoutedInstance Choose(InstancePool pool, Random random)
    {
        // Less than the last sum even when rounded, as the random number is less than 1 by at least one part in 2^53.
        var point = random.NextDouble() * pool.Capacity;
        var index = pool.Sums.AsSpan().BinarySearch(point);

        // An instance's part ends before its sum: the point that is a sum belongs to the next.
        return pool.Instances[index < 0 ? ~index : index + 1];
    }
}
