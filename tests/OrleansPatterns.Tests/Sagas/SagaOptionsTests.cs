using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaOptionsTests
{
    [Fact]
    public void Defaults_ArePinned()
    {
        var options = new SagaOptions();
        Assert.Equal(
            (262_144, TimeSpan.FromSeconds(5), TimeSpan.FromDays(30), 100),
            (options.MaxDataBytes, options.RecoveryInterval, options.Retention, options.MaxHistory));
        Assert.True(new SagaOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void RetryDefaults_ArePinned() =>
        Assert.Equal(
            new SagaRetry { MaxAttempts = 3, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(10), RetryOn = null },
            new SagaRetry());

    [Fact]
    public void Validate_Bounds_AreAllowed()
    {
        var least = new SagaOptions
        {
            MaxDataBytes = 1, RecoveryInterval = TimeSpan.FromMilliseconds(100), Retention = TimeSpan.FromMinutes(1), MaxHistory = 1,
        };
        var most = new SagaOptions
        {
            MaxDataBytes = 4_194_304, RecoveryInterval = TimeSpan.FromHours(1), Retention = TimeSpan.FromDays(366), MaxHistory = 10_000,
        };
        Assert.True(new SagaOptionsValidator().Validate(null, least).Succeeded);
        Assert.True(new SagaOptionsValidator().Validate(null, most).Succeeded);
    }

    [Fact]
    public void Validate_AllTooSmall_ReportsAllAtOnce() => AssertFaults(
        new SagaOptions
        {
            MaxDataBytes = 0, RecoveryInterval = TimeSpan.FromMilliseconds(99), Retention = TimeSpan.FromSeconds(59), MaxHistory = 0,
        },
        "SagaOptions.MaxDataBytes is 0; it must be 1 to 4194304.",
        "SagaOptions.RecoveryInterval is 00:00:00.0990000; it must be 00:00:00.1000000 to 01:00:00.",
        "SagaOptions.Retention is 00:00:59; it must be 00:01:00 to 366.00:00:00.",
        "SagaOptions.MaxHistory is 0; it must be 1 to 10000.");

    [Fact]
    public void Validate_AllTooLarge_ReportsAllAtOnce() => AssertFaults(
        new SagaOptions
        {
            MaxDataBytes = 4_194_305, RecoveryInterval = TimeSpan.FromHours(2), Retention = TimeSpan.FromDays(367), MaxHistory = 10_001,
        },
        "SagaOptions.MaxDataBytes is 4194305; it must be 1 to 4194304.",
        "SagaOptions.RecoveryInterval is 02:00:00; it must be 00:00:00.1000000 to 01:00:00.",
        "SagaOptions.Retention is 367.00:00:00; it must be 00:01:00 to 366.00:00:00.",
        "SagaOptions.MaxHistory is 10001; it must be 1 to 10000.");

    private static void AssertFaults(SagaOptions options, params string[] faults) =>
        Assert.Equal(faults, new SagaOptionsValidator().Validate(null, options).Failures);
}
