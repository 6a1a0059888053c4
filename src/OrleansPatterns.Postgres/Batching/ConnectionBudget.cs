using Npgsql;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>
/// Counts the connections that batches keep to themselves, and refuses when too few would be left: whoever waits for the rest, membership
/// above all, would wait for ever.
/// </summary>
internal sealed class ConnectionBudget
{
    /// <summary>For membership, the catalog's searches and the application itself.</summary>
    internal const int Reserve = 2;

    private readonly Lock _sync = new();
    private readonly Dictionary<NpgsqlDataSource, int> _kept = [];

    /// <exception cref="OrleansConfigurationException">The pool is too small for all that would keep connections.</exception>
    internal void Keep(NpgsqlDataSource dataSource, int connections, string user)
    {
        var pool = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        lock (_sync)
        {
            var kept = _kept.GetValueOrDefault(dataSource) + connections;
            if (pool.Pooling && kept + Reserve > pool.MaxPoolSize)
            {
                throw new OrleansConfigurationException(
                    $"With {user}, batches would keep {kept} connections open, and {Reserve} must be left for the rest, but the pool has {pool.MaxPoolSize}. Raise "
                    + "PostgresOptions.MaxPoolSize (or Maximum Pool Size in the connection string), or lower GroupCommitGrainStorageOptions.MaxConcurrentBatches.");
            }

            _kept[dataSource] = kept;
        }
    }
}
