namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>Links within the repository lead somewhere.</summary>
public sealed class LinkTests
{
    [Fact]
    public void RelativeLinks_LeadToFilesThatExist() =>
        Faults.AssertNone(Links().Where(link => !Exists(link.Target)).Select(link => $"{link.From}: {link.Target}"));

    [Fact]
    public void Anchors_LeadToHeadingsThatExist()
    {
        var pages = MarkdownPage.All.ToDictionary(page => page.Path, page => page.Anchors);
        Assert.Contains("recovery", pages["docs/chaos.md"]);
        Faults.AssertNone(Links()
            .Where(link => link.Anchor is not null && pages.TryGetValue(link.Target, out var anchors) && !anchors.Contains(link.Anchor))
            .Select(link => $"{link.From}: {link.Target}#{link.Anchor}"));
    }

    private static IEnumerable<(string From, string Target, string? Anchor)> Links() =>
        from page in MarkdownPage.All
        from link in page.Links
        where !Uri.TryCreate(link, UriKind.Absolute, out _)
        let parts = link.Split('#', 2)
        let target = parts[0].Length == 0 ? page.Path : Path.GetRelativePath(".", Path.Combine(Path.GetDirectoryName(page.Path)!, parts[0]))
        select (page.Path, target, parts.Length == 2 ? parts[1] : null);

    private static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static string Root { get; } = FindRoot();

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
