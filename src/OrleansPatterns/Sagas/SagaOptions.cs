namespace OrleansPatterns.Sagas;

/// <summary>How sagas are started and run.</summary>
public sealed class SagaOptions
{
    /// <summary>
    /// The largest data of a saga, as UTF-8 JSON, in bytes. Checked by clients before sending and by silos before writing. Also the bound of all
    /// signals together that a saga keeps for later.
    /// </summary>
    /// <remarks>The data is part of the record that is written before and after every step.</remarks>
    /// <value>Default 262,144 (256 KiB). 1 to 4,194,304 (4 MiB).</value>
    public int MaxDataBytes { get; set; } = 256 * 1024;

    /// <summary>How long after its last sign of life an unfinished saga is looked for. Read by silos.</summary>
    /// <remarks>
    /// Shorter: sagas go on sooner after the death of their silo. Longer: fewer wake-ups of sagas that run well, each one a write.
    /// </remarks>
    /// <value>Default 5 seconds. 100 milliseconds to 1 hour.</value>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a saga is remembered after its end, and a sealed step key after its undoing. Read by silos.</summary>
    /// <remarks>
    /// Then its record and its row go, and its id is free. Keep it longer than the slowest start or call of a step may be under way.
    /// </remarks>
    /// <value>Default 30 days. 1 minute to 366 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How many entries of a saga's history are kept; the oldest go first. Read by silos.</summary>
    /// <remarks>The history is part of the record: an entry without an error takes about 50 bytes in each write.</remarks>
    /// <value>Default 100. 1 to 10,000.</value>
    public int MaxHistory { get; set; } = 100;
}
