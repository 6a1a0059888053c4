namespace OrleansPatterns.DeliveryTests.Contracts;

public sealed class ContractComparisonTests
{
    private const string Interface = "interface X.IGrain\n  version 0\n  method Go(String): Task\n";

    [Theory]
    [InlineData("type X\n  id 0 A: String\n", "type X\n  id 0 A: Int32\n", 3, "Add a new one beside it")]
    [InlineData("type X\n  id 0 A: String\n", "type X\n  id 1 A: String\n", 3, "never used again")]
    [InlineData("type X\n  id 0 A: String\n  id 1 B: Int32\n", "type X\n  id 0 A: String\n", 3, "never used again")]
    [InlineData("type X\n  id 0 A: String\n", "type X\n  id 0 A: String\n  id 1 B: Int32\n", 1, "drops it where it rewrites")]
    [InlineData("type X\n  id 0 A: String\n", "type X\n  id 0 A: String\n  id 1 required B: Int32\n", 3, "cannot be required")]
    [InlineData("type X\n  id 0 A: String\n  id 1 retired\n", "type X\n  id 0 A: String\n  id 1 B: Int32\n", 3, "It is retired")]
    [InlineData("type X\n  id 0 A: String\n", "type X\n  id 0 B: String\n", 1, "do not cross the wire")]
    [InlineData("type X\n  stored\n  id 0 A: String\n", "type X\n  stored\n  id 0 B: String\n", 3, "JSON rows")]
    [InlineData("type X\n  id 0 A: String\n", "type Y\n  id 0 A: String\n", 3, "one more release")]
    [InlineData("enum X\n  value 1 A\n", "enum X\n  value 1 A\n  value 2 B\n", 2, "one release after")]
    [InlineData("enum X\n  value 1 A\n  value 2 B\n", "enum X\n  value 1 A\n", 3, "Rows and processes")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n  method Go(String): Task\n  method New(): Task\n", 2, "one release later")]
    [InlineData(Interface, "interface X.IGrain\n  version 1\n  method Go(String): Task\n", 2, "upgrade silos first")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n", 3, "Callers of the version before get a fault")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n  method Go(String, Guid): Task\n", 2, "default(T)")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n  method Go(): Task\n", 3, "Add a new one beside it")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n  method Go(Guid, String): Task\n", 3, "Add a new one beside it")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n  method Go(String): Task<Int32>\n", 3, "Add a new one beside it")]
    [InlineData(Interface, "interface X.IGrain\n  version 0\n  method Go(String): Task [OneWay]\n", 2, "go on to call it as it was")]
    [InlineData("interface X.IGrain\n  version 2\n", "interface X.IGrain\n  version 1\n", 3, "never goes back")]
    [InlineData("grain x\n  stores \"x\" X\n", "grain x\n  stores \"x\" Y\n", 3, "Add a new one beside it")]
    public void Compare_OfAChange_SaysWhatItMeans(string before, string after, int weight, string advice)
    {
        var changes = ContractComparison.Compare(ContractBlock.Parse(before), ContractBlock.Parse(after));
        Assert.Equal((ChangeWeight)weight, changes.Max(change => change.Weight));
        Assert.Contains(advice, changes.First(change => change.Weight == (ChangeWeight)weight).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_NamesLinesByWeight()
    {
        var changes = ContractComparison.Compare(
            ContractBlock.Parse("type X\n  id 0 A: String\n"), ContractBlock.Parse("type X\n  id 0 A: Int32\n  id 1 B: Guid\n"));
        var text = ContractComparison.Describe(changes);
        Assert.Contains("BREAKING:\ntype X\n    - id 0 A: String\n    + id 0 A: Int32\n", text, StringComparison.Ordinal);
        Assert.Contains("SAFE:\ntype X\n    + id 1 B: Guid\n", text, StringComparison.Ordinal);
        Assert.Contains("ORLEANSPATTERNS_WRITE_CONTRACTS=1", text, StringComparison.Ordinal);
    }

    /// <summary>What is gone, or was left out before the listing began, stays known; what was retired stays so.</summary>
    [Fact]
    public void KeepRetired_OfWhatIsGone_KeepsItsPlace()
    {
        var before = ContractBlock.Parse("interface I\n  version 0\n  method Go(): Task\n\ntype X\n  id 0 A: String\n  id 3 B: Guid\n  id 4 retired\n");
        var now = ContractBlock.Parse("interface I\n  version 0\n\ntype X\n  id 2 C: Int32\n");
        var kept = ContractFile.KeepRetired(before, now);
        Assert.Equal(["version 0", "method Go retired"], kept[0].Lines);
        Assert.Equal(["id 2 C: Int32", "id 0 A retired", "id 1 retired", "id 3 B retired", "id 4 retired"], kept[1].Lines);
        Assert.Equal(kept[1].Lines, ContractFile.KeepRetired(kept, now)[1].Lines);
    }
}
