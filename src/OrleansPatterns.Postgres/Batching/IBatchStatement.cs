using Npgsql;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>What one batch says to the server.</summary>
internal interface IBatchStatement<TItem>
    where TItem : BatchItem
{
    /// <summary>Sends the rows in one round trip and one transaction, and settles each of them after the server has confirmed it, not before.</summary>
    /// <remarks>Throws when the server did not, or when its answer did not arrive; no row is settled then. It must be safe to repeat.</remarks>
    Task ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<TItem> items, TimeSpan timeout);
}
