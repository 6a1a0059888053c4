namespace OrleansPatterns.Sagas;

/// <summary>How sagas are started and run.</summary>
public sealed class SagaOptions
{
    /// <summary>
    /// The largest data of a saga, as UTF-8 JSON, in bytes. Checked by clients before sending and by silos before writing.
    /// </summary>
    /// <remarks>The data is part of the record that is written before and after every step.</remarks>
    /// <value>Default 262,144 (256 KiB). 1 to 16,777,216 (16 MiB).</value>
    public int MaxDataBytes { get; set; } = 256 * 1024;

    /// <summary>How long after its last sign of life an unfinished saga is looked for. Read by silos.</summary>
    /// <remarks>
    /// Shorter: sagas go on sooner after the death of their silo. Longer: fewer wake-ups of sagas that run well, each one a write.
    /// </remarks>
    /// <value>Default 5 seconds. 100 milliseconds to 1 hour.</value>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(5);
}
