using System.Text.RegularExpressions;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>A page that readers get: the README or one of <c>docs/</c>.</summary>
/// <param name="Path">Where it is, from the root of the repository.</param>
/// <param name="Text">What it says, with <c>\n</c> as line ends.</param>
internal sealed partial record MarkdownPage(string Path, string Text)
{
    /// <summary>Every page, embedded by wildcard: a new one is held to the rules without anything to add.</summary>
    internal static IReadOnlyList<MarkdownPage> All { get; } =
    [
        .. Embedded.Names(".md").Select(name => new MarkdownPage(name == "README.md" ? name : $"docs/{name}", Embedded.Read(name))),
    ];

    /// <summary>Without code blocks: <c># ...</c> in a shell's is no heading.</summary>
    internal string Prose { get; } = Fences().Replace(Text, "");

    /// <summary>The languages of the code blocks.</summary>
    internal IEnumerable<string> Languages => Fences().Matches(Text).Select(match => match.Groups["language"].Value);

    /// <summary>The C# blocks.</summary>
    internal IEnumerable<string> CSharpBlocks =>
        Fences().Matches(Text).Where(match => match.Groups["language"].Value == "csharp").Select(match => match.Groups["code"].Value);

    /// <summary>What links to headings are called, as GitHub makes them.</summary>
    internal IReadOnlySet<string> Anchors
    {
        get
        {
            var anchors = new HashSet<string>(StringComparer.Ordinal);
            foreach (var title in Headings().Matches(Prose).Select(match => match.Groups["title"].Value))
            {
                var anchor = NotInAnchors().Replace(LinkTargets().Replace(title, "${text}").Trim().ToLowerInvariant(), "").Replace(' ', '-');
                var unique = anchor;
                for (var count = 1; !anchors.Add(unique); count++)
                {
                    unique = $"{anchor}-{count}";
                }
            }

            return anchors;
        }
    }

    /// <summary>Where links and images lead.</summary>
    internal IEnumerable<string> Links => LinkTargets().Matches(Prose).Select(match => match.Groups["target"].Value);

    [GeneratedRegex("^ *```(?<language>[^\n`]*)\n(?<code>.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fences();

    [GeneratedRegex("^#{1,6} +(?<title>.+?) *$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex("[^\\p{L}\\p{N} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("\\[(?<text>[^\\]]*)\\]\\((?<target>[^)\\s]+)\\)")]
    private static partial Regex LinkTargets();
}
