using OrleansPatterns.Postgres.Storage;

namespace OrleansPatterns.Postgres;

/// <summary>How a silo or client uses its PostgreSQL database.</summary>
public sealed class PostgresOptions
{
    /// <summary>How long a starting silo or client waits for a database that cannot be reached yet, and a client for schema and silos.</summary>
    /// <remarks>
    /// Longer: silo and database may be started together, in any order. Shorter: a wrong address shows sooner. Faults that time does not heal,
    /// such as a wrong password or a missing database, are reported at once.
    /// </remarks>
    /// <value>Default 30 seconds. Greater than zero, at most 10 minutes.</value>
    public TimeSpan StartupTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a starting silo brings the database's schema up to date. Clients never do.</summary>
    /// <remarks>
    /// When <see langword="false"/>, the scripts of the folder <c>sql</c> must be run before, for instance by <c>psql</c> with a user that may
    /// create tables; a silo that finds one missing does not start.
    /// </remarks>
    /// <value>Default <see langword="true"/>.</value>
    public bool MigrateSchema { get; set; } = true;

    /// <summary>How many connections one silo or client may have open at most.</summary>
    /// <remarks>
    /// More calls than that wait for a connection. The sum over all silos and clients must stay below the server's <c>max_connections</c>.
    /// A silo keeps up to six of them open for batches of reads, writes and catalog rows.
    /// Without effect where the connection string says <c>Maximum Pool Size</c>, or where a data source is given.
    /// </remarks>
    /// <value>Default 20. 2 to 1,000: a migration needs two.</value>
    public int MaxPoolSize { get; set; } = 20;

    /// <summary>After how long a silo that does not write to the database, while this one does, is declared dead.</summary>
    /// <remarks>
    /// <para>To other silos it may look well, and stay a member; but nothing can be stored for the keys that it serves. Declared dead, its process ends, as
    /// Orleans has it, and others serve its keys. Shorter: they wait less. Longer: a silo that is starved, or waits for a connection, is borne.</para>
    /// <para>Each silo writes each 2 seconds that it is alive. One at a time is declared dead, and none while the database is away from all, or from half or
    /// more of three or more silos. A silo that stands still for so long counts as one that cannot write. One that was not seen to write three times in a
    /// row, as it may not in its first seconds, is not expected to.</para>
    /// </remarks>
    /// <value>Default 10 seconds. 6 seconds to 10 minutes; <see langword="null"/>: never.</value>
    public TimeSpan? CutOffAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Which provider stores the states of the patterns in a silo.</summary>
    /// <remarks>Both use the same rows: changing it is no migration, and silos of one cluster may differ while it changes.</remarks>
    /// <value>Default <see cref="GrainStateStorage.GroupCommit"/>.</value>
    public GrainStateStorage GrainStorage { get; set; } = GrainStateStorage.GroupCommit;

    /// <summary>How a silo writes the states of the patterns. Either form is read, so changing it is no migration.</summary>
    /// <value>Default <see cref="StateFormat.Binary"/>.</value>
    public StateFormat StateFormat { get; set; } = StateFormat.Binary;

    /// <summary>How often each silo looks for rows that have expired, such as idempotency keys past their retention, and removes them.</summary>
    /// <remarks>
    /// One silo at a time does it, with pauses as long as its work, until none is left. Longer: the rows of expired keys take room for longer;
    /// nothing else depends on it, as what has expired counts as absent at once. Only <see cref="GrainStateStorage.GroupCommit"/> keeps the time beside
    /// a state: rows that <see cref="GrainStateStorage.AdoNet"/> was the last to write stay.
    /// </remarks>
    /// <value>Default 1 minute. At least 1 second, at most 1 day.</value>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many expired rows a silo removes in one transaction.</summary>
    /// <remarks>More: fewer transactions. Fewer: each is over sooner, and whoever writes one of the rows waits for less.</remarks>
    /// <value>Default 500. 1 to 10,000.</value>
    public int SweepBatchSize { get; set; } = 500;
}
