using System.Data.Common;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansPatterns.Locks;
using OrleansPatterns.Storage;

namespace OrleansPatterns.Cluster;

/// <summary>Tells faults of the way to a grain from answers of the grain.</summary>
internal static class TransientFaults
{
    /// <summary>
    /// Whether the same call may succeed when it is made again: the silo died or was shutting down, the connection broke, the activation
    /// lost its ETag to another one, or the database refused. In none of these cases is it known that the call had no effect.
    /// </summary>
    internal static bool IsTransient(Exception exception) => exception switch
    {
        TimeoutException => true,
        SiloUnavailableException => true,
        OrleansMessageRejectionException => true,
        ConnectionFailedException => true,
        ClientNotAvailableException => true,
        InconsistentStateException => true,
        LockUnavailableException => true,
        DbException => true,
        StateWriteUnknownException => true,
        StateNotWrittenException refusal => refusal.IsTransient,
        System.Net.Sockets.SocketException => true,
        // A client without Npgsql cannot build the database's own exception type and gets this instead.
        UnavailableExceptionFallbackException fallback => fallback.ExceptionType?.StartsWith("Npgsql.", StringComparison.Ordinal) == true,
        _ => false,
    };
}
