using Microsoft.Extensions.Primitives;
using OrleansPatterns.AspNetCore.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyKeyHeaderTests
{
    [Theory]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"8e03978e\"", "8e03978e")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("a/b+c", "a/b+c")]
    public void TryRead_Usable_GivesTheKeyWithoutQuotes(string header, string expected)
    {
        Assert.True(IdempotencyKeyHeader.TryRead(header, out var key, out _));
        Assert.Equal(expected, key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"open")]
    [InlineData("\"a\"b")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"a\\")]
    [InlineData("a b")]
    [InlineData("é")]
    public void TryRead_Unusable_SaysWhatAKeyIs(string header)
    {
        Assert.False(IdempotencyKeyHeader.TryRead(header, out _, out var fault));
        Assert.Contains("1 to 255 visible ASCII characters", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_LengthAtTheBound_IsUsableAndOverItIsNot()
    {
        Assert.True(IdempotencyKeyHeader.TryRead(new string('k', 255), out _, out _));
        Assert.True(IdempotencyKeyHeader.TryRead($"\"{new string('k', 255)}\"", out _, out _));
        Assert.False(IdempotencyKeyHeader.TryRead(new string('k', 256), out _, out _));
    }

    [Fact]
    public void TryRead_Repeated_IsRefused()
    {
        Assert.False(IdempotencyKeyHeader.TryRead(StringValues.Concat(new StringValues("a"), new StringValues("a")), out _, out var fault));
        Assert.Contains("it is there 2 times", fault, StringComparison.Ordinal);
    }
}
