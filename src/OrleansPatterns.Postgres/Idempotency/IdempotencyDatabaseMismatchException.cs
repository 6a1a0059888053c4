using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Postgres.Idempotency;

/// <summary>
/// An execution was to be completed by a transaction that cannot see its key: most likely one in another database, or schema, than the cluster's.
/// </summary>
/// <remarks>
/// PostgreSQL has ended the transaction: it can only be rolled back, and a commit rolls it back too. Besides another database there are two rarer
/// causes: under <c>RepeatableRead</c> or <c>Serializable</c> the transaction took its snapshot before the execution began, or the key has been
/// forgotten since, after its retention.
/// </remarks>
[GenerateSerializer, Alias("OrleansPatterns.IdempotencyDatabaseMismatchException")]
public sealed class IdempotencyDatabaseMismatchException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The operation.</param>
    /// <param name="serviceId">The Orleans service id of the cluster that holds the key.</param>
    /// <param name="database">The transaction's database.</param>
    /// <param name="innerException">The refusal as PostgreSQL put it.</param>
    public IdempotencyDatabaseMismatchException(IdempotencyKey key, string serviceId, string database, Exception innerException)
        : base(
            $"A transaction in database '{database}' cannot complete '{key}' of service '{serviceId}': it does not see the key there. Nothing was written. "
            + "Use the database, and the schema, that the silos' UsePostgres names, and begin the transaction after the execution.",
            innerException)
    {
        Key = key;
        ServiceId = serviceId;
        Database = database;
    }

    /// <summary>The operation.</summary>
    [Id(0)]
    public IdempotencyKey Key { get; }

    /// <summary>The Orleans service id of the cluster that holds the key.</summary>
    [Id(1)]
    public string ServiceId { get; }

    /// <summary>The transaction's database.</summary>
    [Id(2)]
    public string Database { get; }
}
