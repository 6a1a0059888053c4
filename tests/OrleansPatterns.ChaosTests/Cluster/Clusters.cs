namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>Tests with a cluster of processes: one after the other, as two at a time would be a load that nobody asked for.</summary>
[CollectionDefinition]
public sealed class Clusters;
