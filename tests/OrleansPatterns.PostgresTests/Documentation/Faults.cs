namespace OrleansPatterns.PostgresTests.Documentation;

/// <summary>What is wrong with the pages, shown in full: a collection in an assertion of xunit's is cut off where a fault becomes interesting.</summary>
internal static class Faults
{
    internal static void AssertNone(IEnumerable<string> faults)
    {
        var text = string.Join('\n', faults);
        Assert.True(text.Length == 0, text);
    }
}
