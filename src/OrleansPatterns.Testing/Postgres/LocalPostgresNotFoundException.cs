namespace OrleansPatterns.Testing.Postgres;

/// <summary>There is no PostgreSQL to be had on this machine. The message says what to install.</summary>
public sealed class LocalPostgresNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="innerException">Why no container could be started.</param>
    public LocalPostgresNotFoundException(Exception innerException)
        : base(
            "No PostgreSQL was found: the environment variable " + LocalPostgres.EnvironmentVariable + " is not set, the server's binaries (initdb, pg_ctl) "
            + "are neither on PATH nor where installers put them, and no container engine answers ("
            + innerException.Message.ReplaceLineEndings(" ") + "). "
            + "Do one of these: 'apt-get install postgresql' (Debian, Ubuntu), 'dnf install postgresql-server' (Fedora), 'brew install postgresql@17' (macOS), "
            + "'winget install PostgreSQL.PostgreSQL.17' (Windows), start Docker, or set " + LocalPostgres.EnvironmentVariable
            + " to a connection string such as 'Host=localhost;Username=postgres;Password=...'.",
            innerException)
    {
    }
}
