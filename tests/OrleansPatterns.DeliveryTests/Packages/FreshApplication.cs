using OrleansPatterns.DeliveryTests.Sources;

namespace OrleansPatterns.DeliveryTests.Packages;

/// <summary>An application of the folder <c>apps</c>, built outside of the repository with the packages alone.</summary>
internal sealed class FreshApplication
{
    private readonly string _name;
    private readonly string _folder;

    private FreshApplication(string name, string folder) => (_name, _folder) = (name, folder);

    internal static async Task<FreshApplication> BuildAsync(PackageFeed feed, string name, CancellationToken cancellationToken)
    {
        var folder = feed.Workplace($"{name}-{Guid.NewGuid():N}");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests/OrleansPatterns.DeliveryTests/Packages/apps", name)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        // On top of the sources that this machine has for everybody else's packages. Ours are unpacked beside the application: in the folder for all
        // applications they would be found by the next run, which has other ones under the same version.
        await File.WriteAllTextAsync(
            Path.Combine(folder, "nuget.config"),
            $"""<configuration><packageSources><add key="built" value="{feed.Folder}" /></packageSources></configuration>""",
            cancellationToken);
        var everybody = (await new Tool(folder, "dotnet", "nuget", "locals", "global-packages", "--list", "--force-english-output").RunAsync(cancellationToken))
            .Split("global-packages:")[1].Trim();
        await new Tool(
            folder,
            "dotnet",
            "build",
            $"-p:PatternsVersion={PackageFeed.Version}",
            $"-p:RestorePackagesPath={feed.Workplace("unpacked")}",
            $"-p:RestoreFallbackFolders={everybody}",
            "-p:UseSharedCompilation=false").RunAsync(cancellationToken);
        return new FreshApplication(name, folder);
    }

    internal string OutputFile(string extension) => Path.Combine(_folder, "bin", "Debug", "net10.0", $"{_name}.{extension}");

    internal RunningApplication Start(IEnumerable<KeyValuePair<string, string>> settings) => new(OutputFile("dll"), settings);

    /// <summary>Runs it to its end; it must end well.</summary>
    internal async Task RunToEndAsync(IEnumerable<KeyValuePair<string, string>> settings, CancellationToken cancellationToken)
    {
        await using var running = Start(settings);
        await running.EndAsync(cancellationToken);
    }

    /// <summary>Runs it to its end, and returns the JSON that it has said.</summary>
    internal async Task<System.Text.Json.Nodes.JsonNode> RunAsync(IEnumerable<KeyValuePair<string, string>> settings, CancellationToken cancellationToken)
    {
        await using var running = Start(settings);
        var said = await running.SaysAsync(cancellationToken);
        await running.EndAsync(cancellationToken);
        return said;
    }
}
