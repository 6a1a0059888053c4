namespace OrleansPatterns.Discovery;

/// <summary>Instances to pick from, each with its weight, and how they are split by zones.</summary>
internal sealed class InstancePool
{
    /// <param name="instances">The instances.</param>
    /// <param name="weights">The weight of each, greater than zero.</param>
    /// <param name="zones">How to split them by zones; <see langword="null"/>: not at all.</param>
    public InstancePool(RoutedInstance[] instances, double[] weights, DiscoveryOptions? zones)
    {
        Instances = instances;
        Weights = weights;
        Sums = new double[weights.Length];
        var sum = 0.0;
        for (var index = 0; index < weights.Length; index++)
        {
            Sums[index] = sum += weights[index];
        }

        Capacity = sum;
        IsEven = !weights.AsSpan().ContainsAnyExcept(weights.FirstOrDefault());
        Zones = zones is null ? null : ZoneSplit.Of(this, zones);
    }

    public RoutedInstance[] Instances { get; }

    public double[] Weights { get; }

    /// <summary>The weight of each instance and of all before it.</summary>
    public double[] Sums { get; }

    /// <summary>The weight of all.</summary>
    public double Capacity { get; }

    /// <summary>Whether all weigh the same, so that weights need not be looked at.</summary>
    public bool IsEven { get; }

    /// <summary><see langword="null"/>: zones are not looked at.</summary>
    public ZoneSplit? Zones { get; }

    /// <summary>A pool for policies that do not look at weights.</summary>
    public static InstancePool Even(RoutedInstance[] instances, DiscoveryOptions? zones)
    {
        var weights = new double[instances.Length];
        Array.Fill(weights, 1);
        return new(instances, weights, zones);
    }

    /// <summary>A pool for policies that do. Instances of weight 0 are in it only when there are no others, all alike then.</summary>
    public static InstancePool ByWeight(RoutedInstance[] instances, DiscoveryOptions? zones)
    {
        var heavy = Array.FindAll(instances, static instance => instance.Instance.Weight > 0);
        return heavy.Length == 0
            ? Even(instances, zones)
            : new(heavy, Array.ConvertAll(heavy, static instance => instance.Instance.Weight), zones);
    }
}
