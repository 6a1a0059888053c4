using System.Text;
using System.Text.Json;
using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class RequestFingerprintTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """ { "b" : [ 1 , 2 ] , "a" : 1 } """)]
    [InlineData("""{"a":{"x":1,"y":2}}""", """{"a":{"y":2,"x":1}}""")]
    [InlineData("""{"a":"é/\n"}""", """{"a":"\u00e9\/\u000A"}""")]
    [InlineData("[1,10,0.5,0]", "[1.0,1e1,5E-1,-0.00]")]
    [InlineData("[123456789012345678901234567890]", "[1234567890123456789012345678.90e+2]")]
    [InlineData("""{"\u0061":1}""", """{"a":1}""")]
    public void OfJson_OneMeaning_IsOneFingerprint(string one, string other) => Assert.Equal(OfJson(one), OfJson(other));

    [Theory]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("[12]", "[1,2]")]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":null}""", "{}")]
    [InlineData("[]", "{}")]
    [InlineData("[12345678901234567]", "[12345678901234568]")]
    [InlineData("[1e1]", "[1e-1]")]
    [InlineData("[1]", "[-1]")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2,"a":1}""")]
    [InlineData("""{"a":"b","c":1}""", """{"a":"b\",\"c\":1"}""")]
    public void OfJson_OtherMeaning_IsAnotherFingerprint(string one, string other) => Assert.NotEqual(OfJson(one), OfJson(other));

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("")]
    public void OfJson_OfNoJson_IsRefused(string json) => Assert.ThrowsAny<JsonException>(() => OfJson(json));

    [Fact]
    public void Of_AnObject_ComparesItsMembersWhateverTheirOrder()
    {
        Assert.Equal(RequestFingerprint.Of(new { Amount = 1, Currency = "EUR" }), RequestFingerprint.Of(new { Currency = "EUR", Amount = 1 }));
        Assert.NotEqual(RequestFingerprint.Of(new { Amount = 1, Currency = "EUR" }), RequestFingerprint.Of(new { Amount = 2, Currency = "EUR" }));
        Assert.Equal(
            RequestFingerprint.Of(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }),
            RequestFingerprint.Of(new Dictionary<string, int> { ["b"] = 2, ["a"] = 1 }));
    }

    [Fact]
    public void OfText_IsItsSha256() =>
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", RequestFingerprint.OfText("abc").Value);

    [Fact]
    public void Parse_TakesWhatItIsGivenWithinItsBounds()
    {
        RequestFingerprint fingerprint = "etag-7";
        Assert.Equal("etag-7", fingerprint.Value);
        Assert.Equal(512, RequestFingerprint.Parse(new string('f', 512)).Value.Length);
        Assert.StartsWith(
            "A fingerprint has 1 to 512 characters; this one has 513.",
            Assert.Throws<ArgumentException>("fingerprint", () => RequestFingerprint.Parse(new string('f', 513))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("fingerprint", () => RequestFingerprint.Parse("\ud800"));
        Assert.Throws<ArgumentException>("fingerprint", () => RequestFingerprint.Parse(""));
        Assert.Throws<ArgumentException>("fingerprint", () => RequestFingerprint.Parse(null!));
    }

    [Fact]
    public void Default_StandsForNothing() => Assert.Throws<InvalidOperationException>(() => default(RequestFingerprint).Value);

    private static RequestFingerprint OfJson(string json) => RequestFingerprint.OfJson(Encoding.UTF8.GetBytes(json));
}
