namespace OrleansPatterns.Catalog;

/// <summary>
/// A list of grains beside the grains, since Orleans cannot list them: for search by people, for due times, for expiry.
/// </summary>
/// <remarks>
/// The grain's own state is the truth. A row is written before or after it, may lag behind or run ahead after a crash, and is repaired
/// from the grain by the next wake-up. Rows belong to one Orleans service id: two applications in one database do not see each other's.
/// </remarks>
public interface ICatalog
{
    /// <summary>Where counting stops, so that it never takes long: a count of so many means so many or more.</summary>
    const int CountLimit = 100_000;

    /// <summary>Writes a row unless the stored one has a higher <see cref="CatalogEntry.Version"/>; then nothing changes.</summary>
    /// <remarks>Safe to repeat. When the task completes the row is durable, as durable as the implementation can make it.</remarks>
    /// <param name="entry">The row.</param>
    /// <param name="cancellationToken">Stops waiting; the write may still happen.</param>
    Task UpsertAsync(CatalogEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Removes a row unless the stored one has a higher version than <paramref name="version"/>. Safe to repeat.</summary>
    /// <param name="pattern">The pattern, for instance <c>saga</c>.</param>
    /// <param name="key">The user's key.</param>
    /// <param name="version">The highest version that may be removed.</param>
    /// <param name="cancellationToken">Stops waiting; the removal may still happen.</param>
    Task RemoveAsync(string pattern, string key, long version, CancellationToken cancellationToken = default);

    /// <summary>Reads one row, or <see langword="null"/> if there is none.</summary>
    /// <param name="pattern">The pattern, for instance <c>saga</c>.</param>
    /// <param name="key">The user's key.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<CatalogEntry?> FindAsync(string pattern, string key, CancellationToken cancellationToken = default);

    /// <summary>Lists rows of one pattern that have not expired, most recently updated first.</summary>
    /// <param name="query">Which rows, and how many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="ArgumentException">
    /// <see cref="CatalogQuery.SummaryContains"/> is no JSON object, <see cref="CatalogQuery.After"/> no cursor, or a number of the query out of its bounds.
    /// </exception>
    Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many rows of one pattern there are of each status, as many as have come to <see cref="CountLimit"/> at the most.</summary>
    /// <param name="pattern">The pattern, for instance <c>saga</c>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>By status; those of which there is none are missing.</returns>
    Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes rows whose wake-up time has come, and pushes that time on by <paramref name="lease"/>, so that another silo takes them
    /// again if this one dies before it has delivered. Two callers never take the same row for the same due time.
    /// </summary>
    /// <param name="maxCount">How many rows at the most, at least 1.</param>
    /// <param name="lease">How long the caller has for delivery, more than zero.</param>
    /// <param name="cancellationToken">Stops waiting; rows may have been taken, and come due again after the lease.</param>
    Task<IReadOnlyList<DueWakeUp>> ClaimDueAsync(int maxCount, TimeSpan lease, CancellationToken cancellationToken = default);
}
