using System.Text.RegularExpressions;

namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>A table of options on a page: the next one after <c>&lt;!-- options: TypeName --&gt;</c>, or, with a column of defaults, under a heading that names the type.</summary>
/// <param name="Path">The page.</param>
/// <param name="TypeName">The class whose options these are, as the page writes it.</param>
/// <param name="IsMarked">Whether it says so by a comment; a heading may name somebody else's class.</param>
/// <param name="Rows">Empty: the comment is not followed by a table with a column of defaults.</param>
internal sealed partial record OptionTable(string Path, string TypeName, bool IsMarked, IReadOnlyList<OptionRow> Rows)
{
    private static readonly string[] NameHeadings = ["name", "option", "property", "setting"];

    internal static IEnumerable<OptionTable> Of(MarkdownPage page)
    {
        var lines = page.Prose.Split('\n');
        var (marker, heading) = ("", "");
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].StartsWith('#'))
            {
                heading = Heading().Match(lines[index]).Value;
            }
            else if (Marker().Match(lines[index]) is { Success: true } found)
            {
                if (marker.Length > 0)
                {
                    yield return new OptionTable(page.Path, marker, IsMarked: true, []);
                }

                marker = found.Groups["type"].Value;
            }
            else if (lines[index].StartsWith('|'))
            {
                string[] table = [.. lines.Skip(index).TakeWhile(line => line.StartsWith('|'))];
                index += table.Length - 1;
                var rows = RowsOf(table);
                if (marker.Length > 0 || (heading.Length > 0 && rows.Count > 0))
                {
                    yield return new OptionTable(page.Path, marker.Length > 0 ? marker : heading, marker.Length > 0, rows);
                    marker = "";
                }
            }
        }

        if (marker.Length > 0)
        {
            yield return new OptionTable(page.Path, marker, IsMarked: true, []);
        }
    }

    private static List<OptionRow> RowsOf(string[] table)
    {
        var headings = Cells(table[0]).ConvertAll(cell => cell.ToLowerInvariant());
        var (name, value, unit) = (headings.FindIndex(cell => NameHeadings.Contains(cell)), headings.IndexOf("default"), headings.IndexOf("unit"));
        return name < 0 || value < 0
            ? []
            : [.. table.Skip(2).Select(Cells).Select(cells => new OptionRow(Plain(cells[name]), Plain(cells[value]), unit < 0 ? "" : Plain(cells[unit])))];
    }

    private static List<string> Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    private static string Plain(string cell) => cell.Replace("`", "", StringComparison.Ordinal);

    [GeneratedRegex("<!-- options: (?<type>\\S+) -->")]
    private static partial Regex Marker();

    [GeneratedRegex("\\b[A-Z]\\w*Options\\b")]
    private static partial Regex Heading();
}
