namespace OrleansPatterns.Postgres.Schema;

/// <summary>The database's schema is not the one that this build needs, so the silo or client does not start. Nothing has been changed.</summary>
public sealed class SchemaVersionException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="database">The database's name.</param>
    /// <param name="databaseVersion">The highest version that the database has; <see langword="null"/>: it has no schema of ours.</param>
    /// <param name="expectedVersion">The version that this build needs.</param>
    /// <param name="missingScripts">The scripts that were never run on it, in the order in which they are to be run.</param>
    public SchemaVersionException(string database, int? databaseVersion, int expectedVersion, IReadOnlyList<string> missingScripts)
        : base(databaseVersion > expectedVersion
            ? $"Database '{database}' has schema version {databaseVersion}, but this build of OrleansPatterns knows version {expectedVersion} only. "
              + "Start a build that knows it, or use another database."
            : $"Database '{database}' has {(databaseVersion is null ? "no schema of OrleansPatterns" : $"schema version {databaseVersion}")}, "
              + $"but this build needs version {expectedVersion}; not yet run: {string.Join(", ", missingScripts)}. Start a silo of this build with "
              + "PostgresOptions.MigrateSchema = true, or run these scripts in this order with 'psql -v ON_ERROR_STOP=1 -f'. If they have been run, "
              + "check that the connection's search_path leads to their schema.")
    {
        Database = database;
        DatabaseVersion = databaseVersion;
        ExpectedVersion = expectedVersion;
        MissingScripts = missingScripts;
    }

    /// <summary>The database's name.</summary>
    public string Database { get; }

    /// <summary>The highest version that the database has; <see langword="null"/>: it has no schema of ours.</summary>
    public int? DatabaseVersion { get; }

    /// <summary>The version that this build needs.</summary>
    public int ExpectedVersion { get; }

    /// <summary>The scripts that were never run on the database, in the order in which they are to be run.</summary>
    public IReadOnlyList<string> MissingScripts { get; }
}
