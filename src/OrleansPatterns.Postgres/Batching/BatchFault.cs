using System.Net.Sockets;
using Npgsql;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>What a failed batch means for its rows.</summary>
internal enum BatchFault
{
    None = 0,

    /// <summary>The server rolled the batch back for a reason that lies in none of its rows. Repeat it.</summary>
    RolledBack = 1,

    /// <summary>The server rolled the batch back since it took too long: one row may be blocked by somebody's lock. Split it.</summary>
    TooSlow = 2,

    /// <summary>The server rolled the batch back because of one of its rows. Split it until the row stands alone.</summary>
    BadRow = 3,

    /// <summary>The answer did not arrive: every row may be stored. Repeating is safe, since each row names the version it replaces.</summary>
    Lost = 4,

    /// <summary>Our own side failed over one of the rows, at an unknown point. Split as for a bad row, but every row may be stored.</summary>
    Unexpected = 5,
}

internal static class BatchFaults
{
    /// <param name="exception">What the batch failed with.</param>
    /// <param name="isConnectionOpen">
    /// Whether the connection outlived it: after a time-out that says that the server confirmed the cancellation, hence rolled back.
    /// </param>
    internal static BatchFault Classify(Exception exception, bool isConnectionOpen) => exception switch
    {
        // FATAL and PANIC end the session, in rare cases after the commit; an ERROR always means that the transaction is rolled back.
        PostgresException { InvariantSeverity: not "ERROR" } => BatchFault.Lost,
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable } => BatchFault.TooSlow,
        PostgresException refusal => LiesInNoRow(refusal.SqlState) ? BatchFault.RolledBack : BatchFault.BadRow,
        NpgsqlException { InnerException: TimeoutException } when isConnectionOpen => BatchFault.TooSlow,
        NpgsqlException or IOException or SocketException or TimeoutException or ObjectDisposedException => BatchFault.Lost,
        _ => BatchFault.Unexpected,
    };

    /// <summary>
    /// Deadlocks and serialization failures (class 40), a server short of memory, disk or connections (53), one that is going away or coming up
    /// (57), a standby that became the target of a failover (25006), a statement whose plan the schema outran (0A000), input and output (58).
    /// </summary>
    private static bool LiesInNoRow(string sqlState) =>
        sqlState[..2] is "40" or "53" or "57" or "58" or "08" || sqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.FeatureNotSupported;
}
