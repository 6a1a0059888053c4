namespace OrleansPatterns.DeliveryTests.PublicApi;

/// <summary>Names the lines of a public API that came and went.</summary>
internal static class PublicApiDifference
{
    internal static string Describe(string package, string approved, string now)
    {
        string[] gone = [.. LinesOf(approved).Except(LinesOf(now)).Order(StringComparer.Ordinal)];
        string[] added = [.. LinesOf(now).Except(LinesOf(approved)).Order(StringComparer.Ordinal)];
        return $"The public API of {package} is not as approved in tests/OrleansPatterns.DeliveryTests/PublicApi/{package}.txt.\n"
            + Section("Gone or changed: breaks those who compiled against it. After a release, only in a new major version (0.x: minor).", '-', gone)
            + Section("New: each line is a promise. Is it meant to be public, and is its name right?", '+', added)
            + (gone.Length + added.Length == 0 ? "The lines are the same; their order is not.\n" : "")
            + "If it is meant, run this test with ORLEANSPATTERNS_WRITE_PUBLIC_API=1, and have the diff reviewed.";
    }

    /// <summary>Each line with the namespace and the type that it stands in: the same member may be in several.</summary>
    private static IEnumerable<string> LinesOf(string text)
    {
        var (space, type) = ("", "");
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Trim() is not ("" or "{" or "}")))
        {
            var indent = line.Length - line.TrimStart().Length;
            (space, type) = indent switch
            {
                0 => (line["namespace ".Length..], ""),
                4 when !line.TrimStart().StartsWith('[') => (space, line.Trim()),
                _ => (space, type),
            };
            yield return indent == 0 ? space : indent == 4 ? $"{space}: {line.Trim()}" : $"{space}: {type} {{ {line.Trim()} }}";
        }
    }

    private static string Section(string title, char sign, string[] lines) =>
        lines.Length == 0 ? "" : $"{title}\n{string.Concat(lines.Select(line => $"  {sign} {line}\n"))}";
}
