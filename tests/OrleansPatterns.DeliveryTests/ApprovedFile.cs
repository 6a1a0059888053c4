namespace OrleansPatterns.DeliveryTests;

/// <summary>A committed text of which a test says whether the code still is as it says.</summary>
internal static class ApprovedFile
{
    private static readonly Lazy<string> Root = new(FindRoot);

    /// <summary>Where a file or folder of the repository is.</summary>
    internal static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root.Value, .. parts]);

    /// <summary>The committed text with plain line ends; empty: there is none.</summary>
    internal static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";

    internal static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
    }

    /// <summary>Whether this run is to write the files anew instead of comparing them.</summary>
    internal static bool IsWriting(string variable) => Environment.GetEnvironmentVariable(variable) == "1";

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "OrleansPatterns.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException($"No OrleansPatterns.sln above {AppContext.BaseDirectory}.");
    }
}
