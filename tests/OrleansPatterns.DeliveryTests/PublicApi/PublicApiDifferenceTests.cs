namespace OrleansPatterns.DeliveryTests.PublicApi;

public sealed class PublicApiDifferenceTests
{
    [Fact]
    public void Describe_NamesWhatCameAndWentAndWhere()
    {
        const string Approved = "namespace N\n{\n    public class A\n    {\n        public int X { get; }\n    }\n    public class B\n    {\n        public int X { get; }\n    }\n}";
        const string Now = "namespace N\n{\n    public class A\n    {\n        public int X { get; }\n    }\n    public class B\n    {\n        public long X { get; }\n    }\n}";
        var text = PublicApiDifference.Describe("P", Approved, Now);
        Assert.Contains("\n  - N: public class B { public int X { get; } }\n", text, StringComparison.Ordinal);
        Assert.Contains("\n  + N: public class B { public long X { get; } }\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("class A", text, StringComparison.Ordinal);
    }
}
