namespace OrleansPatterns.Idempotency;

/// <summary>What became of the transaction that was to complete an execution.</summary>
/// <param name="Kind">What is known.</param>
/// <param name="Result">The committed result; otherwise <see langword="null"/>.</param>
/// <param name="Retention">For how long the committed result is still remembered.</param>
internal readonly record struct TransactionOutcome(
    TransactionOutcomeKind Kind, byte[]? Result = null, TimeSpan Retention = default)
{
    /// <summary>No completion is there, and none can come.</summary>
    internal static TransactionOutcome Excluded => new(TransactionOutcomeKind.Excluded);

    /// <summary>The transaction is still open.</summary>
    internal static TransactionOutcome Open => new(TransactionOutcomeKind.Open);
}
