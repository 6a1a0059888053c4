namespace OrleansPatterns.Tests;

public sealed class ResourceKeyTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("2A")]
    [InlineData("a+b")]
    [InlineData("naïve/ключ/\U0001F510")]
    public void Parse_ValidKey_KeepsItAsWritten(string key) => Assert.Equal(key, ResourceKey.Parse(key).Value);

    [Theory]
    [InlineData(null, "this one is empty")]
    [InlineData("", "this one is empty")]
    [InlineData("a\u0000b", "U+0000 at position 1")]
    [InlineData("\n", "U+000A at position 0")]
    public void Parse_InvalidKey_SaysWhatIsWrong(string? key, string expected)
    {
        var exception = Assert.Throws<ArgumentException>(nameof(key), () => ResourceKey.Parse(key));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_LongestKey_IsAccepted() => Assert.Equal(512, ResourceKey.Parse(new string('k', 512)).Value.Length);

    [Fact]
    public void Parse_KeyOverTheBound_NamesBothLengths()
    {
        var key = new string('k', 513);
        var exception = Assert.Throws<ArgumentException>(nameof(key), () => ResourceKey.Parse(key));
        Assert.Contains("1 to 512 characters long; this one has 513", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_UnpairedSurrogate_IsRefused()
    {
        var key = "a\ud83d";
        var exception = Assert.Throws<ArgumentException>(nameof(key), () => ResourceKey.Parse(key));
        Assert.Contains("unpaired surrogate U+D83D at position 1", exception.Message, StringComparison.Ordinal);
    }
}
