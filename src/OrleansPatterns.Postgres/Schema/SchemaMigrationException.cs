namespace OrleansPatterns.Postgres.Schema;

/// <summary>A script of the schema failed, so the silo does not start. That script left no trace; those before it stay.</summary>
public sealed class SchemaMigrationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="database">The database's name.</param>
    /// <param name="script">The script that failed; <see langword="null"/>: it failed before any was run.</param>
    /// <param name="innerException">The fault.</param>
    public SchemaMigrationException(string database, string? script, Exception innerException)
        : base(
            $"Bringing the schema of database '{database}' up to date failed{(script is null ? "" : $" in script {script}")}: "
            + $"{innerException.Message} Nothing of that script remains, so it can be tried again. If the user may not create tables, run the scripts "
            + "with one that may ('psql -v ON_ERROR_STOP=1 -f').",
            innerException)
    {
        Database = database;
        Script = script;
    }

    /// <summary>The database's name.</summary>
    public string Database { get; }

    /// <summary>The script that failed; <see langword="null"/>: it failed before any was run.</summary>
    public string? Script { get; }
}
