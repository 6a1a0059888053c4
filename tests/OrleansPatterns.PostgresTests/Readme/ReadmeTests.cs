using System.Text.RegularExpressions;

namespace OrleansPatterns.PostgresTests.Readme;

/// <summary>Every C# example of the README is code that this project compiles.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void CSharpExamples_AreTheRegionsThatCompile_WordByWord()
    {
        var regions = Regions().Matches(Read("ReadmeExamples.cs")).Select(match => Dedent(match.Groups["code"].Value)).Order().ToList();
        var examples = Examples().Matches(Read("README.md")).Select(match => Dedent(match.Groups["code"].Value)).Order().ToList();
        Assert.Equal(regions, examples);
        Assert.Equal(12, examples.Count);
    }

    [Fact]
    public void Readme_IsShorterThanTwoHundredLines() => Assert.InRange(Read("README.md").Split('\n').Length, 100, 199);

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(ReadmeTests).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Dedent(string code)
    {
        var lines = code.Trim('\n').Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : "")).TrimEnd();
    }

    [GeneratedRegex("#region [A-Z-]+\n(?<code>.*?)\n *#endregion", RegexOptions.Singleline)]
    private static partial Regex Regions();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Examples();
}
