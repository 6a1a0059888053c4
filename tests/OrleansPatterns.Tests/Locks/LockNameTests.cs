using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("2a")]
    [InlineData("a+b/c d")]
    [InlineData("SHA256:x")]
    [InlineData("sha256")]
    [InlineData("naïve/ключ/\U0001F510")]
    public void ToKey_OfAResourceKey_KeepsIt(string name) => Assert.Equal(name, LockName.ToKey(name));

    [Fact]
    public void ToKey_OfTheLongestResourceKey_KeepsIt() => Assert.Equal(new string('k', 512), LockName.ToKey(new string('k', 512)));

    // The digests are those of the names' UTF-16 code units, low byte first: stored keys, which must never change.
    [Theory]
    [InlineData("", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("\n", "sha256:102b51b9765a56a3e899f7cf0ee38e5251f9c503b357b330a49183eb7b155604")]
    [InlineData("sha256:", "sha256:30697628ffa417a1e81fc32000e27f089ce31f805b29757853c73895ba2a1de6")]
    public void ToKey_OfWhatIsNoResourceKey_IsItsHash(string name, string expected) => Assert.Equal(expected, LockName.ToKey(name));

    [Fact]
    public void ToKey_OfAnyName_IsAResourceKey() => Assert.All(Awkward(), name => Assert.True(ResourceKey.IsValid(LockName.ToKey(name))));

    [Fact]
    public void ToKey_OfDifferentNames_IsDifferent()
    {
        var names = Awkward();
        Assert.Equal(names.Length, names.Select(LockName.ToKey).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void ToKey_OfANameThatIsTheKeyOfAnother_IsAnotherKey()
    {
        var key = LockName.ToKey("");
        Assert.NotEqual(key, LockName.ToKey(key));
    }

    [Fact]
    public void ToKey_OfNull_IsRefused() => Assert.Throws<ArgumentNullException>("name", () => LockName.ToKey(null!));

    private static string[] Awkward() =>
    [
        "", " ", "2a", "02a", "2A", "\0", "\n", "\r", "a\0", "a\0b", "\ud83d", "\ud83e", "\udd10", "\udd10\ud83d", "a\ud83d", "\ufffd", "sha256:",
        "sha256:a", "sha256:A", "SHA256:a", new('k', 512), new('k', 513), new('k', 514), new('K', 513), "e\u0301", "\u00e9",
    ];
}
