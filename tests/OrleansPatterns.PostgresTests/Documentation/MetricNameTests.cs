using System.Text.RegularExpressions;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>What pages say of metrics, tags and attributes is in <c>docs/telemetry.md</c>, which a test holds against the code.</summary>
public sealed partial class MetricNameTests
{
    [Fact]
    public void Names_AreInTheListOfThem()
    {
        var known = Names().Matches(Embedded.Read("telemetry.md")).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("orleanspatterns.lock.wait.duration", known);

        Faults.AssertNone(MarkdownPage.All.SelectMany(page => Names().Matches(page.Text).Select(match => (page.Path, match)))
            .Where(mention => !IsKnown(known, mention.match))
            .Select(mention => $"{mention.Path}: {mention.match.Value}"));
    }

    private static bool IsKnown(HashSet<string> known, Match mention) => mention.Groups["family"].Success
        ? known.Any(name => name.StartsWith(mention.Groups["name"].Value + ".", StringComparison.Ordinal))
        : known.Contains(mention.Groups["name"].Value);

    [GeneratedRegex("(?<name>\\borleanspatterns(\\.[a-z][a-z_]*){2,})(?<family>\\.\\*)?")]
    private static partial Regex Names();
}
