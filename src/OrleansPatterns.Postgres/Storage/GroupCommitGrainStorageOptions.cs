using Npgsql;
using Orleans.Storage;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>How a group-commit grain storage stores, and its bounds.</summary>
public sealed class GroupCommitGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>The database; <see langword="null"/> (default): that of <c>UsePostgres</c>. The caller's own: not disposed, must outlive the silo.</summary>
    public NpgsqlDataSource? DataSource { get; set; }

    /// <summary>
    /// Turns a state into bytes and back. Default: as in the ADO.NET provider, the <see cref="IGrainStorageSerializer"/> registered under the
    /// storage's name, or else the silo's default one, which is JSON with CLR type names.
    /// </summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>Whether clearing a state deletes its row. Otherwise the row stays, without payload, and its version goes on counting.</summary>
    /// <remarks>
    /// A new row begins at a random version, so that the ETag of a row that was deleted does not fit the row written after it (with a chance of one in
    /// 2^30). The ADO.NET provider begins at 1 again, where it may: prefer not to delete with that one.
    /// </remarks>
    /// <value>Default <see langword="false"/>.</value>
    public bool DeleteStateOnClear { get; set; }

    /// <summary>How many rows go into one batch at the most.</summary>
    /// <value>Default 128: larger ones were no faster, measured with 256 writers. 1 to 10,000.</value>
    public int MaxBatchSize { get; set; } = 128;

    /// <summary>How many bytes of payload go into one batch at the most. A single larger payload goes alone.</summary>
    /// <value>Default 4 MiB. 1 KiB to 256 MiB.</value>
    public int MaxBatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many batches of writes, and how many of reads, are under way at the same time, each on a connection that is kept open.</summary>
    /// <remarks>They come out of the pool (<see cref="PostgresOptions.MaxPoolSize"/>): a silo whose storages would keep all of it does not start.</remarks>
    /// <value>Default 2. 1 to 16.</value>
    public int MaxConcurrentBatches { get; set; } = 2;

    /// <summary>How many writes, and how many reads, may be waiting for their answer. More callers wait before their state is serialized.</summary>
    /// <value>Default 10,000. 1 to 1,000,000.</value>
    public int MaxQueueLength { get; set; } = 10_000;

    /// <summary>How many bytes a serialized state may have. More is refused before it is queued.</summary>
    /// <value>Default 16 MiB. 1 KiB to 256 MiB.</value>
    public int MaxPayloadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long the server has for one batch before it is cancelled and split. A row that is too slow alone, behind somebody's lock, is tried again between other batches.</summary>
    /// <value>Default 5 seconds. 1 second to <see cref="Timeout"/>.</value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a write or read may wait in all, queue and repeated attempts included, before its caller is told what is known.</summary>
    /// <remarks>An attempt that is under way then is still waited for, so callers may wait for <see cref="CommandTimeout"/> more.</remarks>
    /// <value>Default 15 seconds, half of Orleans' response timeout. At most 10 minutes.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The stage of the silo's life at which the storage opens; it drains its queue when the silo stops past the same stage.</summary>
    /// <value>Default <see cref="ServiceLifecycleStage.ApplicationServices"/>.</value>
    public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;
}
