using System.Formats.Tar;
using System.Globalization;
using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.DeliveryTests.Sources;

namespace OrleansPatterns.ChaosTests.Upgrades;

/// <summary>This program as an earlier commit had it, built in a folder of its own.</summary>
/// <remarks>
/// Of the newest release (a tag <c>v*</c>) before this commit; where there is none, of the commit before. <c>ORLEANSPATTERNS_UPGRADE_FROM</c> names
/// another. Its silos and clients are told what to do as those of this build are: by the same arguments and environment variables, which therefore
/// cannot be given another meaning from one commit to the next.
/// </remarks>
internal sealed class EarlierBuild : IDisposable
{
    private const string Project = "tests/OrleansPatterns.ChaosTests";
    private const string Variable = "ORLEANSPATTERNS_UPGRADE_FROM";

    private readonly string _folder;

    private EarlierBuild(string folder, string commit) => (_folder, Commit) = (folder, commit);

    internal string Commit { get; }

    internal string Program => Path.Combine(_folder, Project, "bin", "Debug", "net10.0", ChaosProcess.FileName);

    /// <summary>The highest version of the database's schema that it knows.</summary>
    internal int SchemaVersion => SchemaVersionOf(_folder);

    /// <summary>Whether this build's is the same, so that one can go back.</summary>
    internal bool IsOfThisSchema => SchemaVersion == SchemaVersionOf(SourceTree.Root);

    internal static async Task<EarlierBuild> MakeAsync(CancellationToken cancellationToken)
    {
        var commit = await FindAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("orleanspatterns-earlier-").FullName;
        var build = new EarlierBuild(folder, commit);
        try
        {
            var archive = Path.Combine(folder, "sources.tar");
            await new Tool(SourceTree.Root, "git", "archive", $"--output={archive}", commit).RunAsync(cancellationToken);
            await TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: false, cancellationToken);

            // What is shown is how it runs; its style was checked when it was committed.
            await new Tool(folder, "dotnet", "build", Project, "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:UseSharedCompilation=false")
                .RunAsync(cancellationToken);
            return build;
        }
        catch
        {
            build.Dispose();
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int SchemaVersionOf(string folder) =>
        Directory.EnumerateFiles(Path.Combine(folder, "sql"), "*.sql").Max(path => int.Parse(Path.GetFileName(path).AsSpan(0, 3), CultureInfo.InvariantCulture));

    private static async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return await CommitAsync(named);
        }

        var releases = await GitAsync("tag", "--list", "v*", "--merged", "HEAD^", "--sort=-creatordate");
        return await CommitAsync(releases.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "HEAD^");

        async Task<string> CommitAsync(string revision) => (await GitAsync("rev-parse", "--verify", $"{revision}^{{commit}}")).Trim();

        Task<string> GitAsync(params string[] arguments) => new Tool(SourceTree.Root, "git", arguments).RunAsync(cancellationToken);
    }
}
