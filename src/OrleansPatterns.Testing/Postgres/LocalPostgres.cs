using Npgsql;

namespace OrleansPatterns.Testing.Postgres;

/// <summary>A PostgreSQL server for tests and demos: the one that was named, or a private one that lives as long as this object.</summary>
/// <remarks>
/// <para>In this order: a connection string from <see cref="LocalPostgresOptions.ConnectionString"/> or the environment variable
/// <c>ORLEANSPATTERNS_POSTGRES</c>; server binaries installed on this machine, started on a data folder of their own and a free loopback
/// port; a container, if a container engine answers. A server that was already running is never touched unless it was named.</para>
/// <para>The private server ends with the process that started it, even when that process is killed (not on Windows). Run as root on
/// Linux, the server runs as the user <c>postgres</c>, or <c>nobody</c>, since it refuses root.</para>
/// </remarks>
public sealed class LocalPostgres : IAsyncDisposable
{
    /// <summary>The environment variable that names a server to use instead of starting one: an Npgsql connection string.</summary>
    public const string EnvironmentVariable = "ORLEANSPATTERNS_POSTGRES";

    private readonly IAsyncDisposable? _server;

    private LocalPostgres(string connectionString, string origin, IAsyncDisposable? server)
    {
        ConnectionString = connectionString;
        Origin = origin;
        _server = server;
    }

    /// <summary>Connects to the server's initial database, with the right to create others.</summary>
    public string ConnectionString { get; }

    /// <summary>Where the server came from, for people to read.</summary>
    public string Origin { get; }

    /// <summary>Finds or starts a server and returns when it answers.</summary>
    /// <param name="options">How; <see langword="null"/>: the defaults.</param>
    /// <param name="cancellationToken">Gives up; what was started is stopped.</param>
    /// <exception cref="LocalPostgresNotFoundException">There is no connection string, no installed server and no container engine.</exception>
    /// <exception cref="LocalPostgresStartException">A server is installed but did not start; the message carries its own words.</exception>
    public static async Task<LocalPostgres> StartAsync(LocalPostgresOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LocalPostgresOptions();
        var named = options.ConnectionString ?? Environment.GetEnvironmentVariable(EnvironmentVariable);
        if (!string.IsNullOrWhiteSpace(named))
        {
            return new LocalPostgres(named, "the given connection string", server: null);
        }

        if (PostgresBinaries.Find(options.SearchPath) is { } binaries)
        {
            var server = await PrivatePostgresServer.StartAsync(binaries, options, cancellationToken);
            return new LocalPostgres(server.ConnectionString, $"a private server from {binaries.Directory}", server);
        }

        var container = await ContainerPostgresServer.StartAsync(options, cancellationToken);
        return new LocalPostgres(container.ConnectionString, "a private container", container);
    }

    /// <summary>Creates an empty database with a name of its own, which is dropped when the returned object is disposed.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<LocalDatabase> CreateDatabaseAsync(CancellationToken cancellationToken = default) =>
        LocalDatabase.CreateAsync(ConnectionString, cancellationToken);

    /// <summary>Kills every process of the private server, without clean-up, to see what survives. Its data stays.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The server is not a private one from installed binaries.</exception>
    public Task CrashAsync(CancellationToken cancellationToken = default) => Private.CrashAsync(cancellationToken);

    /// <summary>Stops the private server as an administrator would who waits for nobody: open connections are ended. Its data stays.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The server is not a private one from installed binaries.</exception>
    public Task StopAsync(CancellationToken cancellationToken = default) => Private.StopAsync(cancellationToken);

    /// <summary>
    /// Starts the private server again after <see cref="CrashAsync"/> or <see cref="StopAsync"/>, on the same port; returns when it has recovered and answers.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The server is not a private one from installed binaries.</exception>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => Private.StartAgainAsync(cancellationToken);

    private PrivatePostgresServer Private => _server as PrivatePostgresServer
        ?? throw new InvalidOperationException(
            $"This server is {Origin}: only a private one from installed binaries is crashed. Set LocalPostgresOptions.ConnectionString to the empty text.");

    /// <summary>Stops the private server, if there is one, and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await _server.DisposeAsync();
        }
    }
}
