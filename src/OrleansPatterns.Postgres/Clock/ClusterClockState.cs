namespace OrleansPatterns.Postgres.Clock;

/// <summary>What a silo knows of the server's clock.</summary>
internal sealed record ClusterClockState
{
    internal static readonly ClusterClockState Unmeasured = new();

    private ClusterClockState()
    {
    }

    /// <summary>The measurement from which the clock is read; <see langword="null"/>: there was none yet.</summary>
    internal ClockMeasurement? Measurement { get; init; }

    /// <summary>
    /// When the quarantine after the last step of the server's clock ends, by the silo's monotonic clock; <see langword="null"/>: no step was seen.
    /// </summary>
    internal TimeSpan? TrustedFrom { get; init; }
}
