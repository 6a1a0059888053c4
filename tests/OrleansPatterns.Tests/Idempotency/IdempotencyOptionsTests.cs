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
        Assert.Equal(TimeSpan.FromDays(7), options.InboxRetention);
        Assert.Equal(1_048_576, options.MaxResultBytes);
        Assert.Equal(OnFailure.Forget, options.OnFailure(new InvalidOperationException()));
        Assert.Null(options.SerializerOptions);
        Assert.Equal(OnAbandoned.Retry, options.OnAbandoned);
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
            InboxRetention = TimeSpan.FromDays(367),
            OnAbandoned = OnAbandoned.None,
            OnFailure = null!,
        };
        Assert.Equal(
            [
                "IdempotencyOptions.Lease is 00:11:00; it must be 00:00:01 to 00:10:00.",
                "IdempotencyOptions.Retention is 00:10:00; it must be at least Lease (00:11:00) and at most 366.00:00:00.",
                "IdempotencyOptions.InboxRetention is 367.00:00:00; it must be at least Lease (00:11:00) and at most 366.00:00:00.",
                "IdempotencyOptions.WaitForResult is -00:00:01; it must be 00:00:00 to 00:10:00.",
                "IdempotencyOptions.MaxResultBytes is 0; it must be 1 to 8388608.",
                "IdempotencyOptions.OnAbandoned is None; it must be Retry or Park.",
                "IdempotencyOptions.OnFailure is null; it must answer Forget or Remember.",
            ],
            new IdempotencyOptionsValidator().Validate(null, options).Failures);
    }

    [Fact]
    public void Copy_HasAllValues()
    {
        var options = new IdempotencyOptions
        {
            Lease = TimeSpan.FromSeconds(1),
            Retention = TimeSpan.FromSeconds(2),
            InboxRetention = TimeSpan.FromSeconds(3),
            WaitForResult = TimeSpan.FromSeconds(4),
            MaxResultBytes = 5,
            OnAbandoned = OnAbandoned.Park,
            OnFailure = _ => OnFailure.Remember,
            SerializerOptions = new(),
        };
        var copy = new IdempotencyOptions(options);

        Assert.All(typeof(IdempotencyOptions).GetProperties(), property => Assert.Equal(property.GetValue(options), property.GetValue(copy)));
    }
}
