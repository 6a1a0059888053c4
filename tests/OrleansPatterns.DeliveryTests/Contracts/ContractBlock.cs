namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>One thing that other processes or stored rows know: an interface, a grain, a type, an enum.</summary>
/// <param name="Header">Kind and name, such as <c>type OrleansPatterns.LockReply</c>.</param>
/// <param name="Lines">What is known of it, one fact a line, in order.</param>
internal sealed record ContractBlock(string Header, IReadOnlyList<string> Lines)
{
    private const string Retired = " retired";

    internal bool IsStored => Lines.Contains("stored");

    /// <summary>Names what was here once and may never be used for anything else: by its key and, where it is known, its name.</summary>
    internal static string RetiredLine(string line)
    {
        var key = KeyOf(line);
        var name = IsRetired(line) || line == key || key.StartsWith("method", StringComparison.Ordinal) ? "" : line[key.Length..].Replace(" required ", " ", StringComparison.Ordinal).Split(':')[0];
        return IsRetired(line) ? line : $"{key}{name}{Retired}";
    }

    internal static bool IsRetired(string line) => line.EndsWith(Retired, StringComparison.Ordinal);

    /// <summary>What a line speaks of: <c>id 3</c>, <c>method Acquire</c>, <c>value 1</c>, <c>version</c>. The rest of it says what it is like.</summary>
    internal static string KeyOf(string line)
    {
        var words = line.Split([' ', '('], 3);
        return words[0] is "id" or "method" or "value" or "stores" or "implements" ? $"{words[0]} {words[1]}" : words[0];
    }

    /// <summary>Reads a listing; lines that begin with # are for people.</summary>
    internal static IReadOnlyList<ContractBlock> Parse(string text)
    {
        var blocks = new List<ContractBlock>();
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] != ' ')
            {
                blocks.Add(new ContractBlock(line, new List<string>()));
            }
            else
            {
                ((List<string>)blocks[^1].Lines).Add(line.Trim());
            }
        }

        return blocks;
    }

    public override string ToString() => string.Concat(Lines.Select(line => $"\n  {line}").Prepend(Header).Append("\n"));
}
