using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.Cluster;

/// <summary>For a storage of which nothing is known: it gives silos no clock in common.</summary>
internal sealed class UnknownClusterClock : IClusterClock
{
    public ClusterTime? Read() => null;
}
