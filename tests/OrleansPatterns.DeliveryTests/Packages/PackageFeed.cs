using System.IO.Compression;
using System.Xml.Linq;
using OrleansPatterns.DeliveryTests.Sources;

namespace OrleansPatterns.DeliveryTests.Packages;

/// <summary>The packages as <c>dotnet pack</c> makes them, of a copy of the sources that has a commit and a remote, as on the machine that publishes.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    /// <summary>Nobody's: only its form matters.</summary>
    internal const string Remote = "https://github.com/example/orleanspatterns";

    private readonly string _root = Directory.CreateTempSubdirectory("orleanspatterns-packages-").FullName;

    internal const string Version = "0.1.0-test";

    internal static IReadOnlyList<string> Ids { get; } =
        ["OrleansPatterns", "OrleansPatterns.AspNetCore", "OrleansPatterns.Postgres", "OrleansPatterns.Server", "OrleansPatterns.Testing"];

    /// <summary>The folder with the packages, a source for NuGet.</summary>
    internal string Folder => Path.Combine(_root, "feed");

    /// <summary>A folder for whatever a test needs beside it; it goes with the feed.</summary>
    internal string Workplace(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    /// <summary>The copy of the sources that the packages are of.</summary>
    internal string Sources => Path.Combine(_root, "sources");

    internal string Commit { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await CopySourcesAsync();
        await RunAsync(
            Sources, "dotnet", "pack", "--configuration", "Release", "--output", Folder, "-p:ContinuousIntegrationBuild=true", "-p:VersionSuffix=test", "-p:UseSharedCompilation=false");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    internal ZipArchive Open(string id, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Folder, $"{id}.{Version}.{extension}"));

    internal async Task<XElement> MetadataAsync(string id)
    {
        await using var package = Open(id);
        await using var nuspec = await package.GetEntry($"{id}.nuspec")!.OpenAsync(TestContext.Current.CancellationToken);
        var root = (await XDocument.LoadAsync(nuspec, LoadOptions.None, TestContext.Current.CancellationToken)).Root!;
        return root.Element(root.Name.Namespace + "metadata")!;
    }

    private static Task<string> RunAsync(string folder, string program, params string[] arguments) =>
        new Tool(folder, program, arguments).RunAsync(TestContext.Current.CancellationToken);

    /// <summary>What is committed and what would be, so that it is the present state that is packed.</summary>
    private async Task CopySourcesAsync()
    {
        var listed = await RunAsync(SourceTree.Root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard");
        foreach (var file in listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Path.Combine(SourceTree.Root, file))))
        {
            var copy = Path.Combine(Sources, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(SourceTree.Root, file), copy);
        }

        await RunAsync(Sources, "git", "init", "--quiet");
        await RunAsync(Sources, "git", "remote", "add", "origin", $"{Remote}.git");
        await RunAsync(Sources, "git", "add", "--all");
        await RunAsync(Sources, "git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "test");
        Commit = (await RunAsync(Sources, "git", "rev-parse", "HEAD")).Trim();
    }
}
