using OrleansPatterns.Cluster;

namespace OrleansPatterns.Testing.Cluster;

/// <summary>Exact: the silos of a test cluster share a process, and so its clock.</summary>
internal sealed class TimeProviderClusterClock(TimeProvider time) : IClusterClock
{
    public ClusterTime? Read()
    {
        var now = time.GetUtcNow();
        return new ClusterTime(now, now);
    }
}
