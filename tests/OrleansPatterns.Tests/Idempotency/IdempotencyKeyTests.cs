using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyKeyTests
{
    [Fact]
    public void String_ConvertsToAKeyInTheDefaultScope()
    {
        IdempotencyKey key = "order-1";
        Assert.Equal(("default", "order-1", "default/order-1"), (key.Scope, key.Key, key.ToString()));
    }

    [Fact]
    public void ToResourceKey_OfPairsThatJoinAlike_IsDifferent()
    {
        string[] joined =
        [
            new IdempotencyKey("a/b", "c").ToResourceKey().Value,
            new IdempotencyKey("a", "b/c").ToResourceKey().Value,
            new IdempotencyKey("a%2Fb", "c").ToResourceKey().Value,
        ];
        Assert.Equal(["a%2Fb/c", "a/b/c", "a%252Fb/c"], joined);
    }

    [Fact]
    public void LongestParts_AreAccepted() =>
        Assert.Equal(512, new IdempotencyKey(new string('s', 256), new string('k', 255)).ToResourceKey().Value.Length);

    [Theory]
    [InlineData("", "k", "scope", "at least 1 character")]
    [InlineData("s", "", "key", "1 to 255 characters; this one is empty")]
    [InlineData("s", "a\nb", "key", "U+000A at position 1")]
    [InlineData("a\nb", "k", "scope", "U+000A at position 1")]
    public void Constructor_InvalidPart_SaysWhatIsWrong(string scope, string key, string parameter, string expected)
    {
        var exception = Assert.Throws<ArgumentException>(parameter, () => new IdempotencyKey(scope, key));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_PartOverTheBound_NamesBothLengths()
    {
        var longKey = Assert.Throws<ArgumentException>("key", () => new IdempotencyKey("s", new string('k', 256)));
        Assert.Contains("1 to 255 characters; this one has 256", longKey.Message, StringComparison.Ordinal);
        var longScope = Assert.Throws<ArgumentException>("scope", () => new IdempotencyKey(new string('/', 171), "k"));
        Assert.Contains("at most 512 characters; these have 515", longScope.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Default_NamesNothing() => Assert.Throws<InvalidOperationException>(() => default(IdempotencyKey).ToResourceKey());
}
