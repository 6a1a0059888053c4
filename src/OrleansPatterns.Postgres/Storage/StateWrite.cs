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
internal sealed class StateWrite(StateKey key, int? expectedVersion, byte[]? payload, bool isDelete)
    : BatchItem(key, payload?.Length ?? 0)
{
    internal StateKey State => key;

    internal int? ExpectedVersion => expectedVersion;

    internal byte[]? Payload => payload;

    internal bool IsDelete => isDelete;

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

    internal static InconsistentStateException Conflict(StateKey key, int? expectedVersion) =>
        new(
            $"{key} was not written: "
            + (expectedVersion is { } version ? $"version {version} is not the stored one." : "there is one already, and the writer knew of none.")
            + " Another activation wrote in between; read again.");
}
