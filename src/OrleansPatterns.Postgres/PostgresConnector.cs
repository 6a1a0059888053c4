using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace OrleansPatterns.Postgres;

/// <summary>The first connection of a process: waits for a database that is still starting, and reports any other fault at once.</summary>
internal sealed partial class PostgresConnector(
    PostgresDatabase database, IOptions<PostgresOptions> options, TimeProvider time, ILogger<PostgresConnector> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="PostgresUnavailableException">The database did not answer in time, or refuses this user.</exception>
    internal async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(options.Value.StartupTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        Exception? lastFault = null;
        try
        {
            while (true)
            {
                try
                {
                    return await database.DataSource.OpenConnectionAsync(either.Token);
                }
                catch (Exception fault) when (MayPass(fault))
                {
                    lastFault = fault;
                    LogWaiting(database.Host, database.Port, fault.Message);
                }

                await Task.Delay(Pause, time, either.Token);
            }
        }
        catch (Exception exception) when (IsConnectFault(exception) && !cancellationToken.IsCancellationRequested)
        {
            var cause = exception is OperationCanceledException ? lastFault ?? new TimeoutException("The server did not answer.") : exception;
            throw new PostgresUnavailableException(
                database.Host, database.Port, database.Name, database.User, time.GetElapsedTime(startedAt), cause);
        }
    }

    /// <summary>Nobody listens yet, the name is not known yet, the server is starting up or is full for the moment.</summary>
    private static bool MayPass(Exception fault) => fault is NpgsqlException { IsTransient: true } or SocketException or TimeoutException;

    private static bool IsConnectFault(Exception fault) => fault is NpgsqlException or OperationCanceledException || MayPass(fault);

    [LoggerMessage(7001, LogLevel.Warning, "PostgreSQL at {Host}, port {Port} is not to be reached yet: {Fault}")]
    private partial void LogWaiting(string host, int port, string fault);
}
