namespace OrleansPatterns.Testing.Postgres;

/// <summary>The operating system's user that runs the private server: ours, or another one when we are root, which the server refuses.</summary>
internal sealed class ServerUser
{
    private readonly string? _otherUser;

    private ServerUser(string? otherUser) => _otherUser = otherUser;

    internal static ServerUser Choose()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return new ServerUser(null);
        }

        var names = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return new ServerUser(names.Contains("postgres") ? "postgres" : "nobody");
    }

    /// <summary>Makes the folder the server's own, closed to others.</summary>
    internal async Task TakeOverAsync(string directory, CancellationToken cancellationToken)
    {
        if (_otherUser is not null)
        {
            await new Command("chown", ["-R", _otherUser, directory]).RunAsync(cancellationToken);
        }
    }

    /// <summary>The same command, run as this user. <c>runuser</c> is part of util-linux; <c>su</c> is wherever that is not.</summary>
    internal Command Wrap(Command command)
    {
        if (_otherUser is null)
        {
            return command;
        }

        return Command.IsOnPath("runuser")
            ? new Command("runuser", ["-u", _otherUser, "--", command.Program, .. command.Arguments])
            : new Command("su", ["-s", "/bin/sh", _otherUser, "-c", "exec \"$0\" \"$@\"", command.Program, .. command.Arguments]);
    }
}
