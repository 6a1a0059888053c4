using OrleansPatterns.Discovery;

namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>What all processes of a run have in common.</summary>
internal static class ChaosSettings
{
    internal const string ClusterId = "chaos";

    /// <summary>Short enough that the nemesis' pauses outlast it.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    internal static readonly TimeSpan DiscoveryLease = TimeSpan.FromSeconds(4);

    /// <summary>Longer than the longest pause, and than the faults after it that keep heartbeats away: who lives is never removed.</summary>
    internal static readonly TimeSpan DiscoveryRemoveAfter = TimeSpan.FromSeconds(60);

    internal static void Configure(DiscoveryOptions options)
    {
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        options.Lease = DiscoveryLease;
        options.RemoveAfter = DiscoveryRemoveAfter;
        options.RefreshInterval = TimeSpan.FromSeconds(1);
    }
}
