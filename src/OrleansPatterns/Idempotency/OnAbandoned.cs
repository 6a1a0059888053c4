namespace OrleansPatterns.Idempotency;

/// <summary>What becomes of a key whose executor fell silent, so that nobody knows how far its work came.</summary>
public enum OnAbandoned
{
    /// <summary>Not a choice.</summary>
    None = 0,

    /// <summary>The next caller runs the work: at least once. The work must bear being repeated after a crash.</summary>
    Retry = 1,

    /// <summary>
    /// Nobody runs the work until an operator has decided, with <see cref="IIdempotencyOperations"/>: at most once, as long as failed work has
    /// had no effect. A caller that was cut off from the cluster while it began looks like one that died: then the work may not have run at all.
    /// </summary>
    Park = 2,
}
