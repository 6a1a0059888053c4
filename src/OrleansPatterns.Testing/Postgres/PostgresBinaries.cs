using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansPatterns.Testing.Postgres;

/// <summary>A folder with the programs of a PostgreSQL server.</summary>
internal sealed partial record PostgresBinaries(string Directory)
{
    internal string InitDb => Program("initdb");

    internal string PgCtl => Program("pg_ctl");

    /// <summary>The first folder that has a server. Debian, for one, keeps the server's programs off PATH.</summary>
    internal static PostgresBinaries? Find(IReadOnlyList<string>? searchPath) =>
        (searchPath ?? [.. FromPath(), .. FromInstallers()])
            .Select(directory => new PostgresBinaries(directory))
            .FirstOrDefault(binaries => File.Exists(binaries.InitDb) && File.Exists(binaries.PgCtl) && File.Exists(binaries.Program("postgres")));

    private static string[] FromPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> FromInstallers()
    {
        (string Parent, string Pattern, string Tail)[] places = OperatingSystem.IsWindows()
            ? [(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin")]
            :
            [
                ("/usr/lib/postgresql", "*", "bin"),
                ("/usr", "pgsql-*", "bin"),
                ("/opt/homebrew/opt", "postgresql*", "bin"),
                ("/usr/local/opt", "postgresql*", "bin"),
                ("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
                ("/usr/local", "pgsql", "bin"),
            ];

        return places
            .Where(place => System.IO.Directory.Exists(place.Parent))
            .SelectMany(place => System.IO.Directory.GetDirectories(place.Parent, place.Pattern)
                .OrderByDescending(MajorVersion)
                .Select(directory => Path.Combine(directory, place.Tail)));
    }

    private static int MajorVersion(string directory) =>
        VersionDigits().Match(Path.GetFileName(directory)) is { Success: true } match
            ? int.Parse(match.Value, CultureInfo.InvariantCulture)
            : 0;

    [GeneratedRegex("[0-9]{1,4}")]
    private static partial Regex VersionDigits();

    private string Program(string name) => Path.Combine(Directory, OperatingSystem.IsWindows() ? name + ".exe" : name);
}
