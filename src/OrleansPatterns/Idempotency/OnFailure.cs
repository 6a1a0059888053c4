namespace OrleansPatterns.Idempotency;

/// <summary>What becomes of a key whose work failed with an exception.</summary>
public enum OnFailure
{
    /// <summary>Not a choice.</summary>
    None = 0,

    /// <summary>The key is free: the exception goes to its caller alone, and the next caller runs the work.</summary>
    Forget = 1,

    /// <summary>
    /// The failure is the result: this caller and every later one get <see cref="IdempotencyFailedException"/> until the retention ends, and the
    /// work does not run again. For failures that a repetition cannot mend, or after which an effect may remain.
    /// </summary>
    Remember = 2,
}
