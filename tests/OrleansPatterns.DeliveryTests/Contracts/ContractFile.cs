using System.Globalization;

namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>The committed listing. It is also the memory of what was: ids, methods and enum values that went stay in it as retired.</summary>
internal static class ContractFile
{
    internal static string Path => ApprovedFile.PathOf("OrleansContracts.txt");

    private const string Introduction =
        """
        # What processes of OrleansPatterns say to each other, and what they store: grains, their interfaces, and every serialized type.
        # Two versions run side by side during an upgrade, and rows outlive both: what may change here, and how, is in docs/compatibility.md.
        #
        # Checked by ContractTests in tests/OrleansPatterns.DeliveryTests, which also write it: ORLEANSPATTERNS_WRITE_CONTRACTS=1.
        # "stored": part of a grain's state; names count, too, as rows may be JSON. "retired": was here once and is never used again.


        """;

    /// <summary>The listing of now, with all that was retired before, and whatever is gone since.</summary>
    internal static IReadOnlyList<ContractBlock> KeepRetired(IReadOnlyList<ContractBlock> before, IReadOnlyList<ContractBlock> now)
    {
        var old = before.ToDictionary(block => block.Header);
        return [.. now.Select(block => block with { Lines = WithRetired(old.GetValueOrDefault(block.Header), block) })];
    }

    /// <summary>Whether a type once had a member of this name, and it was given up on purpose.</summary>
    internal static bool HasRetired(Type type, string name) => ContractBlock.Parse(ApprovedFile.Read(Path))
        .Where(block => block.Header == $"type {ContractNames.Of(type)}")
        .SelectMany(block => block.Lines)
        .Any(line => ContractBlock.IsRetired(line) && line.Split(' ').Contains(name));

    internal static string TextOf(IReadOnlyList<ContractBlock> blocks) => Introduction.ReplaceLineEndings("\n") + string.Join('\n', blocks);

    private static IReadOnlyList<string> WithRetired(ContractBlock? before, ContractBlock now)
    {
        var keys = now.Lines.Select(ContractBlock.KeyOf).ToHashSet();
        var gone = (before?.Lines ?? [])
            .Concat(Gaps(now))
            .Where(line => line.Split(' ')[0] is "id" or "method" or "value" && !keys.Contains(ContractBlock.KeyOf(line)))
            .DistinctBy(ContractBlock.KeyOf);
        return [.. now.Lines, .. gone.OrderBy(line => Number(ContractBlock.KeyOf(line))).ThenBy(line => line, StringComparer.Ordinal).Select(ContractBlock.RetiredLine)];
    }

    /// <summary>Ids below the highest that nobody has: they were used before this listing began.</summary>
    private static IEnumerable<string> Gaps(ContractBlock now)
    {
        int[] ids = [.. now.Lines.Select(ContractBlock.KeyOf).Where(key => key.StartsWith("id ", StringComparison.Ordinal)).Select(Number)];
        return Enumerable.Range(0, ids.Length == 0 ? 0 : ids.Max()).Except(ids).Select(id => string.Create(CultureInfo.InvariantCulture, $"id {id}"));
    }

    private static int Number(string key) => int.TryParse(key.Split(' ')[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
