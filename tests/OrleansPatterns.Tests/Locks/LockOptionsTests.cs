using OrleansPatterns.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockOptionsTests
{
    private readonly LockOptionsValidator _validator = new();

    [Fact]
    public void Defaults_AreValid()
    {
        var options = new LockOptions();
        Assert.Equal(TimeSpan.FromSeconds(15), options.Lease);
        Assert.Equal($"{Environment.MachineName}/{Environment.ProcessId}", options.Owner);
        Assert.True(_validator.Validate(null, options).Succeeded);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(600)]
    public void Lease_AtItsBounds_IsValid(double seconds) =>
        Assert.True(_validator.Validate(null, new LockOptions { Lease = TimeSpan.FromSeconds(seconds) }).Succeeded);

    [Fact]
    public void Faults_AreReportedAllAtOnce()
    {
        var result = _validator.Validate(null, new LockOptions { Lease = TimeSpan.FromMilliseconds(999), Owner = new string('o', 257) });
        Assert.Equal(
            [
                "LockOptions.Lease is 00:00:00.9990000; it must be 00:00:01 to 00:10:00.",
                "LockOptions.Owner has 257 characters; it must have 1 to 256.",
            ],
            result.Failures);
    }

    [Fact]
    public void Lease_AboveItsBound_IsReported() =>
        Assert.Equal(
            ["LockOptions.Lease is 00:10:00.0010000; it must be 00:00:01 to 00:10:00."],
            _validator.Validate(null, new LockOptions { Lease = TimeSpan.FromSeconds(600.001) }).Failures);
}
