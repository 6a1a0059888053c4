namespace OrleansPatterns.Cluster;

/// <summary>A clock that all silos of a cluster share, with a known error: what lets one of them say that an instant written by another has passed.</summary>
/// <remarks>
/// The idea is TrueTime's (Corbett et al., "Spanner: Google's Globally-Distributed Database", OSDI 2012): the answer is an interval, and the
/// true instant lies in it. A clock that cannot promise that says <see langword="null"/>; callers then count durations on their own monotonic
/// clock, which takes longer and needs no agreement at all.
/// </remarks>
internal interface IClusterClock
{
    /// <summary>The time now, or <see langword="null"/> while it is not known within bounds. Never waits.</summary>
    ClusterTime? Read();
}
