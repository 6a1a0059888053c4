namespace OrleansPatterns.Idempotency;

/// <summary>How a process runs idempotent operations. Each execution takes these values with it into the cluster.</summary>
public sealed class IdempotencyOptions
{
    /// <summary>How long an executor may stay silent before another caller may take over. Renewed at a third while the work runs.</summary>
    /// <remarks>Longer: slower recovery after a crash. Shorter: more renewals, each one a write, and long pauses count as death.</remarks>
    /// <value>Default 30 seconds. At least 1 second, at most 10 minutes.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a result is remembered. Afterwards the key counts as never used, and the work would run again.</summary>
    /// <remarks>
    /// Counted by the wall clock of the silos, so it is exact to their clock error. An execution whose executor was lost, and that nobody
    /// repeated, is forgotten after the same time, counted from its beginning; a parked one never.
    /// </remarks>
    /// <value>Default 24 hours. At least <see cref="Lease"/>, at most 366 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a duplicate waits for the result of the running execution before it is refused as in progress.</summary>
    /// <value>Default 10 seconds. Zero (refuse at once) to 10 minutes.</value>
    public TimeSpan WaitForResult { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest serialized result that is stored, in bytes.</summary>
    /// <remarks>
    /// The work has taken effect when its result turns out to be larger, so the key is completed <em>without</em> the result: the work does not
    /// run again, and its caller and every later one get <see cref="IdempotencyResultTooLargeException"/>.
    /// </remarks>
    /// <value>Default 262,144 (256 KiB). 1 to 16,777,216 (16 MiB).</value>
    public int MaxResultBytes { get; set; } = 256 * 1024;

    /// <summary>What becomes of a key whose executor was lost.</summary>
    /// <value>Default <see cref="OnExecutorLost.Rerun"/>.</value>
    public OnExecutorLost OnExecutorLost { get; set; } = OnExecutorLost.Rerun;
}
