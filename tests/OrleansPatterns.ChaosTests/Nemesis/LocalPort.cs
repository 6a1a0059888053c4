using System.Globalization;

namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>Whose a TCP port of this machine is, as Linux knows it.</summary>
internal static class LocalPort
{
    private const int LocalAddress = 1;
    private const int Inode = 9;

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whether a process has a connection from a port.</summary>
    internal static bool IsOf(int processId, int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        var sockets = Tables.SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[LocalAddress].EndsWith(suffix, StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[Inode]}]")
            .ToHashSet(StringComparer.Ordinal);
        return OpenFiles(processId).Any(sockets.Contains);
    }

    private static List<string> OpenFiles(int processId)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd"))
                    .Select(file => new FileInfo(file).LinkTarget)
                    .OfType<string>(),
            ];
        }
        catch (IOException)
        {
            // It has ended.
            return [];
        }
    }
}
