namespace OrleansPatterns.ChaosTests.Cluster;

/// <summary>What all processes of a run have in common.</summary>
internal static class ChaosSettings
{
    internal const string ClusterId = "chaos";

    /// <summary>Short enough that the nemesis' pauses outlast it.</summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    /// <summary>A silo that is gone is found out within seconds.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Membership = new Dictionary<string, string>
    {
        ["Membership__ProbeTimeout"] = "00:00:01",
        ["Membership__MinProbeTimeout"] = "00:00:01",
        ["Membership__NumMissedProbesLimit"] = "2",
        ["Membership__IAmAliveTablePublishTimeout"] = "00:00:02",
        ["Membership__NumMissedTableIAmAliveLimit"] = "2",
    };
}
