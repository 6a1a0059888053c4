using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaStepTests(SagaCluster<SagaStepTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaStepTests.Silo>>
{
    [Fact]
    public async Task Step_Rejected_IsNotCompensatedButTheOneBeforeIs()
    {
        Script.On("charge", _ => throw new SagaRejectedException("card declined"));

        await StartAsync<OrderSaga>();
        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Rejected ship=Pending", Show(status));
        Assert.Equal("Step 'charge' was rejected: card declined", status.CompensationReason);
        Assert.Equal(["reserve#1", "charge#1", "reserve:compensation#1"], Script.Calls);
    }

    [Fact]
    public async Task Step_FailsOnce_IsTriedAgainAfterTheBackOff()
    {
        List<string> keys = [];
        Script.On("charge", context =>
        {
            keys.Add(context.IdempotencyKey);
            if (context.Attempt == 1)
            {
                context.Data.Trail.Add("dropped");
                throw new InvalidOperationException("connection reset");
            }

            Assert.DoesNotContain("dropped", context.Data.Trail);
        });

        await StartAsync<OrderSaga>();
        await BackingOffAsync();
        var status = await StatusAsync();
        Assert.Equal("Running reserve=Succeeded charge=Running ship=Pending", Show(status));
        Assert.Equal("InvalidOperationException: connection reset", status.Steps[1].LastError);
        Assert.Equal(["reserve#1", "charge#1"], Script.Calls);

        Time.Advance(OrderSaga.BackOff);
        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
        Assert.Equal(["reserve#1", "charge#1", "charge#2", "ship#1"], Script.Calls);
        Assert.Equal([$"{Id}/charge", $"{Id}/charge"], keys);
    }

    [Fact]
    public async Task Step_TimesOut_IsUnknownAndCompensatedAsSuch()
    {
        var first = Script.Hang("charge", attempt: 1);
        await StartAsync<OrderSaga>();
        await first.Begun.Soon();
        Time.Advance(OrderSaga.Timeout);
        await BackingOffAsync();

        var second = Script.Hang("charge", attempt: 2);
        Time.Advance(OrderSaga.BackOff);
        await second.Begun.Soon();
        Time.Advance(OrderSaga.Timeout);
        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(status));
        Assert.Equal("TimeoutException: It took longer than its timeout of 00:00:12.", status.Steps[1].LastError);
        Assert.Equal(
            ["reserve#1", "charge#1", "charge#2", "charge:compensation#1?", "reserve:compensation#1"], Script.Calls);
        first.Release.SetResult();
        second.Release.SetResult();
    }

    [Fact]
    public async Task Step_MakesTheDataTooLarge_IsUndone()
    {
        Script.On("charge", context => context.Data.Order = new string('o', 262_144));
        await StartAsync<OrderSaga>();

        var status = await EndAsync();

        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Pending", Show(status));
        Assert.Equal(1, status.Steps[1].Attempts);
        Assert.StartsWith("SagaDataTooLargeException: ", status.Steps[1].LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compensation_KeepsFailing_IsStuckUntilRetried()
    {
        var isDown = true;
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));
        Script.On("charge:compensation", _ =>
        {
            if (isDown)
            {
                throw new InvalidOperationException("bank is down");
            }
        });
        await StartAsync<OrderSaga>();
        await BackingOffAsync();
        Time.Advance(OrderSaga.BackOff);

        var stuck = await EndAsync();
        Assert.Equal("Stuck reserve=Succeeded charge=CompensationFailed ship=Rejected", Show(stuck));
        Assert.Equal(
            "The compensation of step 'charge' failed 2 times: InvalidOperationException: bank is down", stuck.StuckReason);
        Assert.Equal(2, stuck.Steps[1].CompensationAttempts);
        var row = await RowAsync();
        Assert.Equal("Stuck", row?.Status);
        Assert.Null(row?.WakeIn);

        isDown = false;
        Assert.Equal(SagaPhase.Compensating, (await Operations.RetryAsync(Id, "ops", "mended", Token).Soon()).Phase);
        Assert.Equal("Compensated reserve=Compensated charge=Compensated ship=Rejected", Show(await EndAsync()));
        Assert.Equal("charge:compensation#3", Script.Calls[^2]);
    }

    [Fact]
    public async Task Step_ObservesItsToken_IsToldOfItsTimeout()
    {
        var (begun, cancelled) = Script.HangUntilCancelled("charge");
        await StartAsync<OrderSaga>();
        await begun.Soon();

        Time.Advance(OrderSaga.Timeout);
        await cancelled.Soon();
        await BackingOffAsync();

        Assert.Equal("TimeoutException: It took longer than its timeout of 00:00:12.", (await StatusAsync()).Steps[1].LastError);
        Time.Advance(OrderSaga.BackOff);
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
    }

    [Fact]
    public async Task Step_FailsInAWayNotWorthAnotherAttempt_IsUndoneAtOnce()
    {
        Script.On("work", _ => throw new InvalidOperationException("no such account"));

        await StartAsync<PickySaga>();

        Assert.Equal("Compensated work=Compensated rest=Pending", Show(await EndAsync()));
        Assert.Equal(["work#1", "work:compensation#1?"], Script.Calls);
    }

    [Fact]
    public async Task Step_FailsInAWayWorthAnotherAttempt_IsTriedAgain()
    {
        Script.On("work", context =>
        {
            if (context.Attempt < 3)
            {
                throw new TimeoutException("no answer");
            }
        });

        await StartAsync<PickySaga>();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(["work#1", "work#2", "work#3", "rest#1"], Script.Calls);
    }

    /// <summary>A compensation that says at once that it is hopeless is not tried nine times more.</summary>
    [Fact]
    public async Task Compensation_FailsInAWayNotWorthAnotherAttempt_IsStuckAtOnce()
    {
        Script.On("rest", _ => throw new SagaRejectedException("no"));
        Script.On("work:compensation", _ => throw new InvalidOperationException("no such account"));

        await StartAsync<PickySaga>();

        Assert.Equal("Stuck work=CompensationFailed rest=Rejected", Show(await EndAsync()));
        Assert.Equal("work:compensation#1", Script.Calls[^1]);
    }

    private sealed class PickySaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            var picky = new SagaRetry { Delay = TimeSpan.Zero, RetryOn = exception => exception is TimeoutException };
            saga.Step("work").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync).Retry(picky).RetryCompensation(picky);
            saga.Step("rest").Do(SagaScript.RunAsync);
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<PickySaga, OrderData>();
    }
}
