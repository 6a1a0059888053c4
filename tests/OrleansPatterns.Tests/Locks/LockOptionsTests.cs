using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockOptionsTests
{
    private readonly LockOptionsValidator _validator = new();

    [Fact]
    public void Defaults_AreTheDocumentedOnes_AndValid()
    {
        var options = new LockOptions();
        Assert.Equal(TimeSpan.FromSeconds(15), options.Lease);
        Assert.Equal($"{Environment.MachineName}/{Environment.ProcessId}", options.Owner);
        Assert.Equal(LockDurability.Leased, options.Durability);
        Assert.Equal(TimeSpan.FromSeconds(5), options.GrantHorizon);
        Assert.Equal(4096, options.TokenBlock);
        Assert.Equal(1, options.FirstToken);
        Assert.True(_validator.Validate(null, options).Succeeded);
    }

    [Fact]
    public void Faults_AreReportedAllAtOnce()
    {
        var result = _validator.Validate(null, new LockOptions
        {
            Lease = TimeSpan.Zero, Owner = "", Durability = LockDurability.None, GrantHorizon = TimeSpan.Zero, TokenBlock = 0, FirstToken = 0,
        });
        Assert.Equal(
            [
                "LockOptions.Lease is 00:00:00; it must be 00:00:01 to 00:10:00.",
                "LockOptions.Owner has 0 characters; it must have 1 to 256.",
                "LockOptions.Durability is None; it must be Leased or WriteThrough.",
                "LockOptions.GrantHorizon is 00:00:00; it must be 00:00:00.1000000 to 00:00:30.",
                "LockOptions.TokenBlock is 0; it must be 16 to 1000000000.",
                "LockOptions.FirstToken is 0; it must be 1 to 8000000000000.",
            ],
            result.Failures);
    }

    [Theory]
    [InlineData(999, "LockOptions.Lease is 00:00:00.9990000; it must be 00:00:01 to 00:10:00.")]
    [InlineData(1_000, null)]
    [InlineData(600_000, null)]
    [InlineData(600_001, "LockOptions.Lease is 00:10:00.0010000; it must be 00:00:01 to 00:10:00.")]
    public void Lease_IsOneSecondToTenMinutes(int milliseconds, string? fault) =>
        Check(new LockOptions { Lease = TimeSpan.FromMilliseconds(milliseconds) }, fault);

    [Theory]
    [InlineData(0, "LockOptions.Owner has 0 characters; it must have 1 to 256.")]
    [InlineData(1, null)]
    [InlineData(256, null)]
    [InlineData(257, "LockOptions.Owner has 257 characters; it must have 1 to 256.")]
    public void Owner_HasOneTo256Characters(int length, string? fault) => Check(new LockOptions { Owner = new string('o', length) }, fault);

    [Fact]
    public void Owner_ThatIsNull_IsReported() => Check(new LockOptions { Owner = null! }, "LockOptions.Owner has 0 characters; it must have 1 to 256.");

    [Theory]
    [InlineData(LockDurability.None, "LockOptions.Durability is None; it must be Leased or WriteThrough.")]
    [InlineData(LockDurability.Leased, null)]
    [InlineData(LockDurability.WriteThrough, null)]
    [InlineData((LockDurability)3, "LockOptions.Durability is 3; it must be Leased or WriteThrough.")]
    public void Durability_IsOneOfTheTwo(LockDurability durability, string? fault) => Check(new LockOptions { Durability = durability }, fault);

    [Theory]
    [InlineData(99, "LockOptions.GrantHorizon is 00:00:00.0990000; it must be 00:00:00.1000000 to 00:00:30.")]
    [InlineData(100, null)]
    [InlineData(30_000, null)]
    [InlineData(30_001, "LockOptions.GrantHorizon is 00:00:30.0010000; it must be 00:00:00.1000000 to 00:00:30.")]
    public void GrantHorizon_Is100MillisecondsTo30Seconds(int milliseconds, string? fault) =>
        Check(new LockOptions { GrantHorizon = TimeSpan.FromMilliseconds(milliseconds) }, fault);

    [Theory]
    [InlineData(15, "LockOptions.TokenBlock is 15; it must be 16 to 1000000000.")]
    [InlineData(16, null)]
    [InlineData(1_000_000_000, null)]
    [InlineData(1_000_000_001, "LockOptions.TokenBlock is 1000000001; it must be 16 to 1000000000.")]
    public void TokenBlock_Is16To1000000000(int tokens, string? fault) => Check(new LockOptions { TokenBlock = tokens }, fault);

    [Theory]
    [InlineData(0, "LockOptions.FirstToken is 0; it must be 1 to 8000000000000.")]
    [InlineData(1, null)]
    [InlineData(8_000_000_000_000, null)]
    [InlineData(8_000_000_000_001, "LockOptions.FirstToken is 8000000000001; it must be 1 to 8000000000000.")]
    public void FirstToken_Is1To8000000000000(long token, string? fault) => Check(new LockOptions { FirstToken = token }, fault);

    private void Check(LockOptions options, string? fault) =>
        Assert.Equal(fault is null ? [] : [fault], _validator.Validate(null, options).Failures ?? []);
}
