namespace OrleansPatterns.Idempotency;

/// <summary>What a key has seen before it was closed to further executions.</summary>
public enum SealOutcome
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>
    /// As far as the key knows no execution has completed: none was begun, or each has failed. It is sealed; where a failure is remembered, that stays
    /// and goes on being replayed instead.
    /// </summary>
    Unused = 1,

    /// <summary>An execution has completed. Its result stays, goes on being replayed, and is kept until the seal would have ended, or longer.</summary>
    Completed = 2,

    /// <summary>An executor is at work, or its transaction is still open. Nothing was changed: ask again after <see cref="SealReply.RetryAfter"/>.</summary>
    InProgress = 3,

    /// <summary>
    /// An executor was lost, and nobody has completed the work since. Whether it took effect, in part or in whole, is unknown. It is sealed as after
    /// <see cref="Unused"/>, and a late report of that executor is refused.
    /// </summary>
    Abandoned = 4,
}
