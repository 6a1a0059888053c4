namespace OrleansPatterns.Telemetry;

/// <summary>Bounds that histograms advise, where whoever collects them does not say otherwise.</summary>
internal static class MetricBuckets
{
    /// <summary>For calls, in seconds: half a millisecond to the half minute after which nobody waits.</summary>
    internal static readonly double[] Calls = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>For work of users' own, and what is held meanwhile, in seconds: up to an hour.</summary>
    internal static readonly double[] Work = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

    /// <summary>For what may wait for people, in seconds: up to a week.</summary>
    internal static readonly double[] Processes = [0.01, 0.05, 0.25, 1, 5, 30, 60, 300, 1800, 3600, 21600, 86400, 604800];

    /// <summary>For batches, in rows.</summary>
    internal static readonly double[] Rows = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
}
