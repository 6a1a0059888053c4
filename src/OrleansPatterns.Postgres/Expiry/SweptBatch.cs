namespace OrleansPatterns.Postgres.Expiry;

/// <summary>What became of one batch.</summary>
/// <param name="HadTurn">Whether it was this silo's turn; if not, another one sweeps and nothing was done.</param>
/// <param name="IsFull">Whether there may be more.</param>
/// <param name="Removed">How many rows are gone.</param>
internal readonly record struct SweptBatch(bool HadTurn, bool IsFull, int Removed);
