namespace OrleansPatterns.Tests;

public sealed class GrainKeysTests
{
    [Fact]
    public void UserKey_OfWhatForMade_IsTheSameKey() =>
        Assert.Equal("a/b+c", GrainKeys.UserKey(PatternNames.Lock, GrainKeys.For(PatternNames.Lock, ResourceKey.Parse("a/b+c"))).Value);

    [Theory]
    [InlineData("2a")]
    [InlineData("lock")]
    [InlineData("locks/2a")]
    [InlineData("saga/2a")]
    public void UserKey_WithoutThePatternsPrefix_IsRefused(string grainKey) =>
        Assert.Throws<ArgumentException>(() => GrainKeys.UserKey(PatternNames.Lock, grainKey));
}
