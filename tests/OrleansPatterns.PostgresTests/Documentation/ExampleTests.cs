using System.Text.RegularExpressions;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>Every C# example of the documentation is code that this project compiles: a region of one of the <c>*Examples.cs</c> files here.</summary>
public sealed partial class ExampleTests
{
    [Fact]
    public void CSharpBlocks_AreRegionsThatCompile_WordByWord()
    {
        var regions = Compiled().ToLookup(region => region.Code);
        var strangers = MarkdownPage.All
            .SelectMany(page => page.CSharpBlocks.Select(block => (page.Path, Code: Dedent(block))))
            .Where(example => !regions.Contains(example.Code))
            .Select(example => $"{example.Path}:\n{example.Code}");
        Faults.AssertNone(strangers);
    }

    [Fact]
    public void Regions_StandInSomePage_WordByWord()
    {
        var shown = MarkdownPage.All.SelectMany(page => page.CSharpBlocks).Select(Dedent).ToHashSet(StringComparer.Ordinal);
        var compiled = Compiled().ToList();
        Assert.Contains(compiled, region => region.Name == "ReadmeExamples.cs: CO-HOSTED");
        Faults.AssertNone(compiled.Where(region => !shown.Contains(region.Code)).Select(region => region.Name));
    }

    /// <summary>By another name a block of C# would be coloured all the same, and held to nothing.</summary>
    [Fact]
    public void CSharp_HasOneNameOnly() =>
        Faults.AssertNone(MarkdownPage.All.SelectMany(page => page.Languages, (page, language) => $"{page.Path}: {language}").Where(block => OtherNames().IsMatch(block)));

    [Fact]
    public void Readme_IsShorterThanTwoHundredLines() => Assert.InRange(Embedded.Read("README.md").Split('\n').Length, 100, 199);

    private static IEnumerable<(string Name, string Code)> Compiled() => Embedded.Names("Examples.cs").SelectMany(file => Regions().Matches(Embedded.Read(file))
        .Select(match => ($"{file}: {match.Groups["name"].Value}", Dedent(match.Groups["code"].Value))));

    private static string Dedent(string code)
    {
        var lines = code.Trim('\n').Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : "")).TrimEnd();
    }

    [GeneratedRegex("#region (?<name>[^\n]+)\n(?<code>.*?)\n *#endregion", RegexOptions.Singleline)]
    private static partial Regex Regions();

    [GeneratedRegex(": *(cs|c#|csx|csharp\\W.*|dotnet) *$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherNames();
}
