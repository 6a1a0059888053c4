using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaOptionsTests
{
    [Fact]
    public void Defaults_ArePinned()
    {
        var options = new SagaOptions();
        Assert.Equal(262_144, options.MaxDataBytes);
        Assert.Equal(TimeSpan.FromSeconds(5), options.RecoveryInterval);
        Assert.True(new SagaOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void RetryDefaults_ArePinned() =>
        Assert.Equal(
            new SagaRetry { MaxAttempts = 3, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(10) },
            new SagaRetry());

    [Fact]
    public void Validate_AllWrong_ReportsAllAtOnce()
    {
        var options = new SagaOptions { MaxDataBytes = 0, RecoveryInterval = TimeSpan.FromMilliseconds(99) };
        Assert.Equal(
            [
                "SagaOptions.MaxDataBytes is 0; it must be 1 to 16777216.",
                "SagaOptions.RecoveryInterval is 00:00:00.0990000; it must be 00:00:00.1000000 to 01:00:00.",
            ],
            new SagaOptionsValidator().Validate(null, options).Failures);
    }
}
