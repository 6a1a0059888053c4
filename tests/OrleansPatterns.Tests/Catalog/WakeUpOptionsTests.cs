using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.Tests.Catalog;

public sealed class WakeUpOptionsTests
{
    private readonly WakeUpOptionsValidator _validator = new();

    [Fact]
    public void Defaults_AreTheDocumentedOnes_AndValid()
    {
        var options = new WakeUpOptions();
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.PollInterval);
        Assert.Equal(128, options.BatchSize);
        Assert.Equal(TimeSpan.FromSeconds(10), options.DeliveryLease);
        Assert.Equal(1024, options.MaxInFlight);
        Assert.True(_validator.Validate(null, options).Succeeded);
    }

    [Fact]
    public void Faults_AreReportedAllAtOnce()
    {
        var result = _validator.Validate(
            null, new WakeUpOptions { PollInterval = TimeSpan.Zero, BatchSize = 0, DeliveryLease = TimeSpan.Zero, MaxInFlight = 0 });
        Assert.Equal(
            [
                "WakeUpOptions.PollInterval is 00:00:00; it must be 00:00:00.0100000 to 00:01:00.",
                "WakeUpOptions.BatchSize is 0; it must be 1 to 10000.",
                "WakeUpOptions.DeliveryLease is 00:00:00; it must be greater than PollInterval (00:00:00) and at most 00:10:00.",
                "WakeUpOptions.MaxInFlight is 0; it must be 1 to 100000.",
            ],
            result.Failures);
    }

    [Theory]
    [InlineData(0, "WakeUpOptions.MaxInFlight is 0; it must be 1 to 100000.")]
    [InlineData(1, null)]
    [InlineData(100_000, null)]
    [InlineData(100_001, "WakeUpOptions.MaxInFlight is 100001; it must be 1 to 100000.")]
    public void MaxInFlight_IsOneToAHundredThousand(int count, string? fault) =>
        Assert.Equal(fault, _validator.Validate(null, new WakeUpOptions { MaxInFlight = count }).FailureMessage);
}
