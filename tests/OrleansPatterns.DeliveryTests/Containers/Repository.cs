namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>The files of the repository, as whoever builds the images has them.</summary>
internal static class Repository
{
    internal static string Root { get; } = Find();

    internal static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "docker-compose.yml")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has a docker-compose.yml.");
    }
}
