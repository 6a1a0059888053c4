using Npgsql;

namespace OrleansPatterns.Postgres;

/// <summary>The one data source of a silo or client: membership, grain state, catalog and the cluster's clock share its pool.</summary>
/// <remarks>
/// A type of its own, so that an <see cref="NpgsqlDataSource"/> that the application has registered for itself stays apart. A data source
/// made from a connection string is disposed with the service provider, after the silo has stopped; one that was given is not.
/// </remarks>
public sealed class PostgresDatabase : IDisposable, IAsyncDisposable
{
    /// <summary>How many statements each connection keeps prepared. Ours are about 20; the rest is for the application's own.</summary>
    private const int MaxAutoPrepare = 100;

    private readonly bool _owned;

    private PostgresDatabase(NpgsqlDataSource dataSource, bool owned)
    {
        DataSource = dataSource;
        _owned = owned;

        // The data source gives its connection string without the password.
        var target = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        if (target.Pooling && target.MaxPoolSize < PostgresOptionsValidator.MinPoolSize)
        {
            throw new OrleansConfigurationException(
                $"The PostgreSQL connection string says Maximum Pool Size={target.MaxPoolSize}; it must be at least "
                + $"{PostgresOptionsValidator.MinPoolSize}, since a schema migration needs two connections.");
        }

        Host = target.Host ?? "(default)";
        Port = target.Port;
        Name = target.Database ?? target.Username ?? "(default)";
        User = target.Username ?? "(default)";
    }

    /// <summary>The data source.</summary>
    public NpgsqlDataSource DataSource { get; }

    internal string Host { get; }

    internal int Port { get; }

    internal string Name { get; }

    internal string User { get; }

    /// <summary>Disposes the data source if it was made here.</summary>
    public void Dispose()
    {
        if (_owned)
        {
            DataSource.Dispose();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _owned ? DataSource.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Refuses at once what is no connection string, rather than when the host starts.</summary>
    internal static void ThrowIfInvalid(string connectionString, string parameterName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString, parameterName);
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            // Not the string itself: it may hold a password.
            throw new ArgumentException(
                $"This is no Npgsql connection string: {exception.Message} It looks like 'Host=localhost;Database=shop;Username=shop;Password=...'.",
                parameterName,
                exception);
        }
    }

    /// <summary>Makes the data source. What the connection string says itself is left as it is.</summary>
    internal static PostgresDatabase Create(string connectionString, PostgresOptions options)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString);
        SetUnlessGiven(target, "Maximum Pool Size", options.MaxPoolSize);
        SetUnlessGiven(target, "Max Auto Prepare", MaxAutoPrepare);
        SetUnlessGiven(target, "Application Name", "OrleansPatterns");
        if (string.IsNullOrWhiteSpace(target.Host) && string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("PGHOST")))
        {
            throw new OrleansConfigurationException(
                "The PostgreSQL connection string names no Host, and the environment variable PGHOST is not set.");
        }

        try
        {
            return new PostgresDatabase(NpgsqlDataSource.Create(target), owned: true);
        }
        catch (ArgumentException exception)
        {
            throw new OrleansConfigurationException($"The PostgreSQL connection string cannot be used: {exception.Message}", exception);
        }
    }

    internal static PostgresDatabase Use(NpgsqlDataSource dataSource) => new(dataSource, owned: false);

    private static void SetUnlessGiven(NpgsqlConnectionStringBuilder target, string keyword, object value)
    {
        // ContainsKey is true for every keyword that exists; ShouldSerialize for those that were given.
        if (!target.ShouldSerialize(keyword))
        {
            target[keyword] = value;
        }
    }
}
