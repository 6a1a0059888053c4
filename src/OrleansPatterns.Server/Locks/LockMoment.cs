using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.Locks;

/// <summary>An instant: on the activation's monotonic clock, and on the cluster's where that is known.</summary>
internal readonly record struct LockMoment(TimeSpan Now, ClusterTime? Cluster);
