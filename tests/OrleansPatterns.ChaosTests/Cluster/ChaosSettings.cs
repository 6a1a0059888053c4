namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>What all processes of a run have in common.</summary>
internal static class ChaosSettings
{
    internal const string ClusterId = "chaos";

    /// <summary>Short enough that the nemesis' pauses outlast it.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);
}
