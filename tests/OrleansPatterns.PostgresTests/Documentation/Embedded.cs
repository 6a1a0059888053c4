namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>What the project file embeds: pages, and the code of their examples.</summary>
internal static class Embedded
{
    internal static IEnumerable<string> Names(string ending) =>
        typeof(Embedded).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    internal static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Embedded).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
