namespace OrleansPatterns.Cluster;

/// <summary>An instant of the cluster's clock, between two bounds.</summary>
/// <param name="Earliest">It is not earlier. An instant <em>has passed</em> when this is past it.</param>
/// <param name="Latest">It is not later. Something <em>ends by</em> an instant when this is before it.</param>
internal readonly record struct ClusterTime(DateTimeOffset Earliest, DateTimeOffset Latest);
