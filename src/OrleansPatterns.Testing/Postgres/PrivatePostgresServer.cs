using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace OrleansPatterns.Testing.Postgres;

/// <summary>A server of our own from installed binaries, in a temporary folder, on a free loopback port, behind a random password.</summary>
internal sealed class PrivatePostgresServer : IAsyncDisposable
{
    private const int PortAttempts = 5;

    /// <summary>
    /// Waits until its standard input ends, which happens when we close it or when our process dies in whatever way; then stops the server
    /// and removes its folder. Deaf to the signals that a terminal sends to everyone at once, so that the stop is not itself stopped.
    /// </summary>
    private const string StopWhenInputEnds =
        "trap '' INT TERM HUP; while read -r _; do :; done; \"$1\" -D \"$2/data\" -m fast -t 20 stop || \"$1\" -D \"$2/data\" -m immediate stop; rm -rf \"$2\"";

    private readonly PostgresBinaries _binaries;
    private readonly ServerUser _user;
    private readonly string _directory;
    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private Process? _stopper;
    private int _port;

    private PrivatePostgresServer(PostgresBinaries binaries, ServerUser user, string directory)
    {
        _binaries = binaries;
        _user = user;
        _directory = directory;
    }

    internal string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = IPAddress.Loopback.ToString(),
        Port = _port,
        Username = "postgres",
        Password = _password,
        Database = "postgres",
    }.ConnectionString;

    private string DataDirectory => Path.Combine(_directory, "data");

    internal static async Task<PrivatePostgresServer> StartAsync(
        PostgresBinaries binaries, LocalPostgresOptions options, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("orleanspatterns-postgres-").FullName;
        var server = new PrivatePostgresServer(binaries, ServerUser.Choose(), directory);
        try
        {
            await server.InitializeAsync(options, cancellationToken);
            await server.StartAsync(cancellationToken);
            server.StopWhenProcessEnds();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends every server process at once and without clean-up: the next start recovers from the log, as after a power cut.</summary>
    internal Task CrashAsync(CancellationToken cancellationToken) =>
        RunAsync(new Command(_binaries.PgCtl, ["-D", DataDirectory, "-m", "immediate", "-w", "stop"]), cancellationToken);

    /// <summary>Ends in order, with a last checkpoint, and ends the connections that are open.</summary>
    internal Task StopAsync(CancellationToken cancellationToken) =>
        RunAsync(new Command(_binaries.PgCtl, ["-D", DataDirectory, "-m", "fast", "-w", "stop"]), cancellationToken);

    /// <summary>Starts the server again on the same data and port.</summary>
    internal Task StartAgainAsync(CancellationToken cancellationToken) => StartOnPortAsync("start-again", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_stopper is null)
        {
            // Windows has no stopper, and neither has a start that failed half way; a server that never started cannot be stopped.
            await TryStopAsync();
            Directory.Delete(_directory, recursive: true);
            return;
        }

        _stopper.StandardInput.Close();
        await _stopper.WaitForExitAsync();
        _stopper.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task InitializeAsync(LocalPostgresOptions options, CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(_directory, "password");
        await File.WriteAllTextAsync(passwordFile, _password, cancellationToken);
        await _user.TakeOverAsync(_directory, cancellationToken);
        await RunAsync(
            new Command(
                _binaries.InitDb,
                [
                    "-D", DataDirectory, "-U", "postgres", "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync",
                ]),
            cancellationToken);
        File.Delete(passwordFile);

        // synchronous_commit stays on in either case: off, a commit would be lost with the server's processes, and not only with the machine.
        var wait = options.WaitForDisk ? "on" : "off";
        await File.AppendAllTextAsync(
            Path.Combine(DataDirectory, "postgresql.conf"),
            $"""

            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            max_connections = {options.MaxConnections}
            fsync = {wait}
            full_page_writes = {wait}

            """,
            cancellationToken);
    }

    /// <summary>Another program may take the port between the moment we find it free and the moment the server binds it.</summary>
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            _port = FreePort();
            var log = LogOf($"start-{attempt}");
            try
            {
                await StartOnPortAsync($"start-{attempt}", cancellationToken);
                return;
            }
            catch (LocalPostgresStartException) when (File.Exists(log))
            {
                var said = await File.ReadAllTextAsync(log, cancellationToken);
                if (attempt == PortAttempts || !said.Contains("could not bind", StringComparison.Ordinal))
                {
                    throw new LocalPostgresStartException("pg_ctl start", said);
                }
            }
        }
    }

    private string LogOf(string start) => Path.Combine(DataDirectory, $"{start}.log");

    private Task<string> StartOnPortAsync(string start, CancellationToken cancellationToken) => RunAsync(
        new Command(_binaries.PgCtl, ["-D", DataDirectory, "-l", LogOf(start), "-o", $"-p {_port}", "-t", "60", "-w", "start"]), cancellationToken);

    private void StopWhenProcessEnds()
    {
        if (!OperatingSystem.IsWindows())
        {
            _stopper = _user.Wrap(new Command("sh", ["-c", StopWhenInputEnds, "sh", _binaries.PgCtl, _directory])).Start();
        }
    }

    private async Task TryStopAsync()
    {
        try
        {
            await RunAsync(new Command(_binaries.PgCtl, ["-D", DataDirectory, "-m", "immediate", "stop"]), CancellationToken.None);
        }
        catch (LocalPostgresStartException)
        {
            // It was not running.
        }
    }

    private Task<string> RunAsync(Command command, CancellationToken cancellationToken) => _user.Wrap(command).RunAsync(cancellationToken);
}
