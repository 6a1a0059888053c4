namespace OrleansPatterns.DeliveryTests.Sources;

/// <summary>The sources that these tests were built from.</summary>
internal static class SourceTree
{
    /// <summary>The folder with the solution in it.</summary>
    internal static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    internal static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find(DirectoryInfo? folder) => folder switch
    {
        null => throw new InvalidOperationException(
            $"No folder above '{AppContext.BaseDirectory}' has OrleansPatterns.sln in it. Run these tests where they were built."),
        _ when File.Exists(Path.Combine(folder.FullName, "OrleansPatterns.sln")) => folder.FullName,
        _ => Find(folder.Parent),
    };
}
