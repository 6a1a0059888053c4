namespace OrleansPatterns.Postgres.Batching;

/// <summary>The bounds of a <see cref="BatchQueue{TItem}"/>.</summary>
/// <param name="BatchSize">Rows in one batch at the most.</param>
/// <param name="BatchBytes">Payload of one batch at the most; a larger single row goes alone.</param>
/// <param name="QueueLength">Rows accepted and not yet answered, at the most; more callers wait.</param>
/// <param name="ConcurrentBatches">Batches under way at the same time, each on a connection of its own.</param>
/// <param name="CommandTimeout">How long the server has for one batch.</param>
/// <param name="Timeout">How long a row may wait in all, with repeated attempts, before its caller is told.</param>
internal sealed record BatchLimits(
    int BatchSize, int BatchBytes, int QueueLength, int ConcurrentBatches, TimeSpan CommandTimeout, TimeSpan Timeout);
