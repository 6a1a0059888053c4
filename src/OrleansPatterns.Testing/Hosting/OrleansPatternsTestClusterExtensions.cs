using OrleansPatterns.Testing;

namespace Orleans.TestingHost;

/// <summary>What tests do with the patterns of a <see cref="TestCluster"/> that they have built themselves.</summary>
public static class OrleansPatternsTestClusterExtensions
{
    /// <summary>The same cluster with what tests need to have time pass, a lease expire, a breaker open, a step fail or a silo die.</summary>
    /// <remarks>To dispose of it is to dispose of the cluster.</remarks>
    /// <param name="cluster">A cluster that is deployed, and to whose builder <c>AddOrleansPatterns</c> was applied.</param>
    /// <exception cref="InvalidOperationException">It is not deployed, or has no patterns.</exception>
    public static PatternsTestCluster AsPatternsTestCluster(this TestCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return PatternsTestCluster.Of(cluster);
    }
}
