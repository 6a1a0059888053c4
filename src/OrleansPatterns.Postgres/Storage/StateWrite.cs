using Npgsql;
using Orleans.Storage;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>A write, a clear (no payload, the row stays) or a delete (the row goes) of one state.</summary>
/// <param name="key">Where.</param>
/// <param name="expectedVersion">The version it replaces; <see langword="null"/>: there must be no row.</param>
/// <param name="payload">The serialized state; <see langword="null"/> clears.</param>
/// <param name="isDelete">Whether the row goes.</param>
/// <param name="removableFrom">From when on the row may be removed; <see langword="null"/>: it stays.</param>
internal sealed class StateWrite(StateKey key, int? expectedVersion, byte[]? payload, bool isDelete, DateTimeOffset? removableFrom = null)
    : BatchItem(key, payload?.Length ?? 0)
{
    internal StateKey State => key;

    internal int? ExpectedVersion => expectedVersion;

    internal byte[]? Payload => payload;

    internal bool IsDelete => isDelete;

    /// <summary>
    /// <c>removableFrom</c> in UTC, up to the full hour: the column is indexed, and only a write that leaves it as it is stays in place (HOT).
    /// </summary>
    internal DateTime? ExpiresAt { get; } = UpToTheHour(removableFrom);

    /// <summary>The version that the server answered with, once settled.</summary>
    internal int NewVersion { get; private set; }

    internal void Written(int newVersion)
    {
        NewVersion = newVersion;
        Succeed();
    }

    /// <summary>The version was not the expected one; after a lost answer that may be our own doing.</summary>
    internal void Lost() => Fail(MayHaveLanded ? new StateWriteUnknownException(key.ToString()) : Conflict(key, expectedVersion));

    internal override Exception Refused(Exception fault) => fault switch
    {
        _ when MayHaveLanded => new StateWriteUnknownException(key.ToString(), fault),
        PostgresException { SqlState: PostgresErrorCodes.DivisionByZero } => Conflict(key, expectedVersion),
        _ => new StateNotWrittenException(
            key.ToString(), $"PostgreSQL refuses it: {fault.Message.TrimEnd('.')}. Repeating does not help until what it names is mended.", isTransient: false, fault),
    };

    internal override Exception GivenUp(string reason, Exception? fault) => MayHaveLanded
        ? new StateWriteUnknownException(key.ToString(), fault)
        : new StateNotWrittenException(key.ToString(), reason, isTransient: true, fault);

    /// <summary>A time in the last hour of the calendar is none that anybody waits for: the row stays.</summary>
    private static DateTime? UpToTheHour(DateTimeOffset? time) =>
        time is { } instant && instant <= DateTimeOffset.MaxValue - TimeSpan.FromHours(1)
            ? new DateTime((instant.UtcTicks + TimeSpan.TicksPerHour - 1) / TimeSpan.TicksPerHour * TimeSpan.TicksPerHour, DateTimeKind.Utc)
            : null;

    internal static InconsistentStateException Conflict(StateKey key, int? expectedVersion) =>
        new(
            $"{key} was not written: "
            + (expectedVersion is { } version ? $"version {version} is not the stored one." : "there is one already, and the writer knew of none.")
            + " Another activation wrote in between; read again.");
}
