namespace OrleansPatterns.Idempotency;

internal enum TransactionOutcomeKind
{
    None = 0,

    /// <summary>It has not committed and never will.</summary>
    Excluded = 1,

    /// <summary>It has committed.</summary>
    Committed = 2,

    /// <summary>It is neither yet.</summary>
    Open = 3,
}
