using Npgsql;

namespace OrleansPatterns.Postgres;

/// <summary>A starting silo or client could not connect to its database. Nothing has been read or written.</summary>
/// <remarks>
/// Thrown after <see cref="PostgresOptions.StartupTimeout"/> while the server does not answer or takes no connections yet; at once when
/// waiting does not help, as with a wrong password or a missing database.
/// </remarks>
public sealed class PostgresUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="host">The server's host, or several.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="database">The database.</param>
    /// <param name="user">The user.</param>
    /// <param name="triedFor">For how long it was tried.</param>
    /// <param name="innerException">What stood in the way at the last attempt.</param>
    public PostgresUnavailableException(string host, int port, string database, string user, TimeSpan triedFor, Exception innerException)
        : base(
            $"Could not connect to PostgreSQL at {host}, port {port}, database '{database}', user '{user}', within {triedFor.TotalSeconds:0.0} s: "
            + $"{Cause(innerException)} {Advice(innerException, database)}",
            innerException)
    {
        Host = host;
        Port = port;
        Database = database;
        User = user;
        TriedFor = triedFor;
    }

    /// <summary>The server's host, or several, as in the connection string.</summary>
    public string Host { get; }

    /// <summary>The server's port.</summary>
    public int Port { get; }

    /// <summary>The database.</summary>
    public string Database { get; }

    /// <summary>The user.</summary>
    public string User { get; }

    /// <summary>For how long it was tried.</summary>
    public TimeSpan TriedFor { get; }

    private static string Cause(Exception fault)
    {
        var text = fault is PostgresException refusal ? $"{refusal.MessageText} ({refusal.SqlState})" : fault.Message;
        text = text.TrimEnd('.');
        return fault.InnerException is { } inner ? $"{text}: {inner.Message.TrimEnd('.')}." : $"{text}.";
    }

    private static string Advice(Exception fault, string database) => (fault as PostgresException)?.SqlState switch
    {
        PostgresErrorCodes.InvalidCatalogName => $"Create it ('create database \"{database}\"') or name another in the connection string.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Check user name and password in the connection string, and the server's pg_hba.conf.",
        PostgresErrorCodes.InsufficientPrivilege => "Grant the user the right to connect to this database.",
        PostgresErrorCodes.TooManyConnections => "Raise the server's max_connections, or lower PostgresOptions.MaxPoolSize.",
        _ => "Check that the server runs, that host and port are right, and that this machine may reach it.",
    };
}
