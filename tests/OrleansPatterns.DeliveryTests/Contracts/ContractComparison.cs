namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>Compares two listings, line by line, and says what each difference means.</summary>
internal static class ContractComparison
{
    internal static IReadOnlyList<ContractChange> Compare(IReadOnlyList<ContractBlock> before, IReadOnlyList<ContractBlock> after)
    {
        var (old, now) = (before.ToDictionary(block => block.Header), after.ToDictionary(block => block.Header));
        return
        [
            .. before.Where(block => !now.ContainsKey(block.Header)).Select(block => new ContractChange(
                ChangeWeight.Breaking, $"- {block.Header}", "Processes of the version before still send it, and rows may hold it: keep it for one more release at least.")),
            .. after.Where(block => !old.ContainsKey(block.Header)).Select(block => new ContractChange(
                ChangeWeight.Safe, $"+ {block.Header}", "New. A silo of the version before does not know it: see docs/compatibility.md on who may send it.")),
            .. after.Where(block => old.ContainsKey(block.Header)).SelectMany(block => CompareLines(old[block.Header], block)),
        ];
    }

    /// <summary>The failure's text: what was found, by weight, and what to do.</summary>
    internal static string Describe(IReadOnlyList<ContractChange> changes)
    {
        string[] sections =
        [
            .. new[] { (ChangeWeight.Breaking, "BREAKING"), (ChangeWeight.WithCare, "WITH CARE"), (ChangeWeight.Safe, "SAFE") }
                .Select(weight => (weight.Item2, Of: changes.Where(change => change.Weight == weight.Item1).ToList()))
                .Where(section => section.Of.Count > 0)
                .Select(section => $"{section.Item1}:\n{string.Concat(section.Of.Select(change => $"{change.Text}\n      {change.Advice}\n"))}"),
        ];
        return "What crosses the wire or is stored is not what OrleansContracts.txt says.\n\n" + string.Join('\n', sections)
            + "\nWhat may change and how: docs/compatibility.md. If it is meant, run this test with ORLEANSPATTERNS_WRITE_CONTRACTS=1, and have the diff of\n"
            + "OrleansContracts.txt reviewed. Ids, methods and values that went stay in it as retired.";
    }

    private static IEnumerable<ContractChange> CompareLines(ContractBlock before, ContractBlock after)
    {
        var (old, now) = (ByKey(before), ByKey(after));
        foreach (var (key, line) in old.Where(line => !now.ContainsKey(line.Key) && !ContractBlock.IsRetired(line.Value)))
        {
            yield return new ContractChange(ChangeWeight.Breaking, $"{after.Header}\n    - {line}", AdviceOnRemoval(key));
        }

        foreach (var (key, line) in now.Where(line => !old.ContainsKey(line.Key)))
        {
            var (weight, advice) = JudgeAdded(before, after, key, line);
            yield return new ContractChange(weight, $"{after.Header}\n    + {line}", advice);
        }

        foreach (var (key, line) in now.Where(line => old.TryGetValue(line.Key, out var was) && was != line.Value))
        {
            var (weight, advice) = JudgeChanged(before, after, old[key], line);
            yield return new ContractChange(weight, $"{after.Header}\n    - {old[key]}\n    + {line}", advice);
        }
    }

    private static Dictionary<string, string> ByKey(ContractBlock block) => block.Lines.ToDictionary(ContractBlock.KeyOf);

    private static string AdviceOnRemoval(string key) => key.Split(' ')[0] switch
    {
        "id" => "The version before goes on to write it. Stop to read it in one release and remove it in the next; its id is never used again.",
        "method" => "Callers of the version before get a fault. Keep it until they are gone; its alias is never used again.",
        "value" => "Rows and processes of the version before still have it.",
        "stored" => "No state holds it any more: rows that do must have gone.",
        _ => "The version before relies on it.",
    };

    private static (ChangeWeight Weight, string Advice) JudgeAdded(ContractBlock before, ContractBlock after, string key, string line) => key.Split(' ')[0] switch
    {
        _ when ContractBlock.IsRetired(line) => (ChangeWeight.Safe, "Is kept free."),
        "id" when line.Contains(" required ", StringComparison.Ordinal) => (
            ChangeWeight.Breaking, "A new member cannot be required: JSON rows without it are not read, and binary ones give null. Make it optional, with a default."),
        "id" => (ChangeWeight.Safe, "The version before skips it, and drops it where it rewrites the row; what it sends and wrote reads as the default."),
        "method" => (
            ChangeWeight.WithCare,
            "Silos of the version before answer with TypeLoadException, whatever [Version] says. Our own code calls it one release later, or does without where it fails."),
        "value" => (ChangeWeight.WithCare, "The version before does not know the value. Send or store it only one release after it is understood, unless each switch over it has a way out."),
        "stored" => (ChangeWeight.WithCare, "It is in rows from now on: its names, too, are part of the contract. Add it to the samples of tests/OrleansPatterns.DeliveryTests/Compatibility."),
        "implements" => (ChangeWeight.Safe, "New interface: only callers of this version know it."),
        _ => (ChangeWeight.Breaking, "The version before does without."),
    };

    private static (ChangeWeight Weight, string Advice) JudgeChanged(ContractBlock before, ContractBlock after, string was, string line) => line.Split(' ')[0] switch
    {
        "version" => VersionOf(after) > VersionOf(before)
            ? (ChangeWeight.WithCare, "Calls of this version leave activations of the one before, which deactivate. Where all silos are of the version before, they fail: upgrade silos first.")
            : (ChangeWeight.Breaking, "A version never goes back: callers of the one before would find no silo."),
        _ when ContractBlock.IsRetired(was) => (ChangeWeight.Breaking, "It is retired: rows and processes may hold what it used to mean. Take another."),
        "id" when TypeOf(was) == TypeOf(line) && !line.Contains(" required ", StringComparison.Ordinal) => before.IsStored || after.IsStored
            ? (ChangeWeight.Breaking, "The name is in JSON rows.")
            : (ChangeWeight.Safe, "Names do not cross the wire."),
        "method" when Signature(was) == Signature(line) => (ChangeWeight.WithCare, "Callers of the version before go on to call it as it was."),
        "method" when AppendsParameters(was, line) => (
            ChangeWeight.WithCare,
            "Callers of the version before do not send it: it comes as default(T), whatever the C# default is. Its silos drop it, also in passing on, whatever [Version] says."),
        _ => (ChangeWeight.Breaking, "The version before reads and writes it as it was. Add a new one beside it, under another id or alias."),
    };

    private static int VersionOf(ContractBlock block) =>
        int.Parse(block.Lines.FirstOrDefault(line => line.StartsWith("version ", StringComparison.Ordinal))?["version ".Length..] ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    private static string TypeOf(string line) => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];

    private static string Signature(string line) => line.Split(" [")[0];

    /// <summary>The same method with one or more parameters at the end.</summary>
    private static bool AppendsParameters(string was, string line)
    {
        var (oldEnd, newEnd) = (was.LastIndexOf("): ", StringComparison.Ordinal), line.LastIndexOf("): ", StringComparison.Ordinal));
        var head = was[..oldEnd];
        return was[oldEnd..] == line[newEnd..] && line.StartsWith(head.EndsWith('(') ? head : head + ", ", StringComparison.Ordinal);
    }
}
