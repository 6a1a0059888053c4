using OrleansPatterns.Cluster;

namespace OrleansPatterns.Catalog;

/// <summary>Finds what the five patterns have under way, from a client as from a silo. For people: the lists may lag behind by seconds.</summary>
/// <remarks>
/// Patterns are <c>saga</c> (every saga until it is removed), <c>breaker</c> (every breaker in use), <c>service</c> (every service with instances, or
/// without any since a day at the most), <c>lock</c> (locks that somebody waits for, or that have been held for a third of their lease) and
/// <c>idempotency</c> (parked keys).
/// </remarks>
public interface ICatalogSearch
{
    /// <inheritdoc cref="ICatalog.ListAsync"/>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<IReadOnlyList<CatalogEntry>> ListAsync(CatalogQuery query, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ICatalog.CountAsync"/>
    /// <exception cref="ClusterUnavailableException">No answer in time.</exception>
    Task<IReadOnlyDictionary<string, int>> CountAsync(string pattern, CancellationToken cancellationToken = default);
}
