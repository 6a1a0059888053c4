using System.Text.Json;

namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>Reads what processes have written.</summary>
internal static class History
{
    internal const string FilePattern = "*.history";

    /// <summary>The operations of all processes whose files lie in a folder.</summary>
    internal static IReadOnlyList<Operation> Read(string folder) =>
        [.. Directory.EnumerateFiles(folder, FilePattern).Order(StringComparer.Ordinal).SelectMany(ReadFile)];

    private static IEnumerable<Operation> ReadFile(string path)
    {
        var process = Path.GetFileNameWithoutExtension(path);
        var operations = new Dictionary<long, Operation>();
        foreach (var line in Lines(path))
        {
            operations[line.Number] = line.IsAnswer
                ? operations[line.Number] with
                {
                    AnsweredAt = line.Outcome == Outcome.Unknown ? null : line.At,
                    Outcome = line.Outcome,
                    Token = line.Token ?? operations[line.Number].Token,
                    Value = line.Value,
                    Detail = line.Detail,
                }
                : new Operation { Process = process, Action = line.Action, Key = line.Key, CalledAt = line.At, Token = line.Token };
        }

        return operations.Values;
    }

    /// <summary>The last line of a process that was killed may be half a line.</summary>
    private static IEnumerable<HistoryLine> Lines(string path)
    {
        var text = File.ReadAllText(path);
        return text[..(text.LastIndexOf('\n') + 1)]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonSerializer.Deserialize<HistoryLine>(line)!);
    }
}
