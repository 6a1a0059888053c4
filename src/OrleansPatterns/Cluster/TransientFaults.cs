using System.Data.Common;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansPatterns.Locks;
using OrleansPatterns.Storage;
using Polly.Timeout;

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
        TimeoutException or TimeoutRejectedException => true,
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

        // Somebody else's cancellation, such as that of a silo which stops: callers look at their own token first.
        OperationCanceledException => true,

        // The directory's word for a silo that was asked to activate the grain and is declared dead meanwhile; and for there being none just now.
        OrleansException when exception.GetType() == typeof(OrleansException) => true,

        // A client without Npgsql cannot build the database's own exception type and gets this instead.
        UnavailableExceptionFallbackException fallback => fallback.ExceptionType?.StartsWith("Npgsql.", StringComparison.Ordinal) == true,
        _ => false,
    };
}
