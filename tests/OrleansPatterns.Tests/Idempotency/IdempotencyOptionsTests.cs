using OrleansPatterns.Idempotency;

namespace OrleansPatterns.Tests.Idempotency;

public sealed class IdempotencyOptionsTests
{
    [Fact]
    public void Defaults_ArePinned()
    {
        var options = new IdempotencyOptions();
        Assert.Equal(TimeSpan.FromSeconds(30), options.Lease);
        Assert.Equal(TimeSpan.FromHours(24), options.Retention);
        Assert.Equal(TimeSpan.FromSeconds(10), options.WaitForResult);
        Assert.Equal(262_144, options.MaxResultBytes);
        Assert.Equal(OnExecutorLost.Rerun, options.OnExecutorLost);
        Assert.True(new IdempotencyOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void Validate_AllWrong_ReportsAllAtOnce()
    {
        var options = new IdempotencyOptions
        {
            Lease = TimeSpan.FromMinutes(11),
            Retention = TimeSpan.FromMinutes(10),
            WaitForResult = TimeSpan.FromSeconds(-1),
            MaxResultBytes = 0,
            OnExecutorLost = OnExecutorLost.None,
        };
        Assert.Equal(
            [
                "IdempotencyOptions.Lease is 00:11:00; it must be 00:00:01 to 00:10:00.",
                "IdempotencyOptions.Retention is 00:10:00; it must be at least Lease (00:11:00) and at most 366.00:00:00.",
                "IdempotencyOptions.WaitForResult is -00:00:01; it must be 00:00:00 to 00:10:00.",
                "IdempotencyOptions.MaxResultBytes is 0; it must be 1 to 16777216.",
                "IdempotencyOptions.OnExecutorLost is None; it must be Rerun or Park.",
            ],
            new IdempotencyOptionsValidator().Validate(null, options).Failures);
    }
}
