using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Conditions, groups that run at the same time, the point of no return, and steps that cannot be undone.</summary>
public sealed class SagaFlowTests(SagaCluster<SagaFlowTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaFlowTests.Silo>>
{
    [Theory]
    [InlineData("gift", "Completed wrap=Succeeded send=Succeeded")]
    [InlineData("plain", "Completed wrap=Skipped send=Succeeded")]
    public async Task Condition_IsAskedOfTheData(string order, string expected)
    {
        await StartAsync<ConditionalSaga>(data: new OrderData { Order = order });
        Assert.Equal(expected, Show(await EndAsync()));
    }

    [Fact]
    public async Task Condition_Throws_Parks()
    {
        await StartAsync<ConditionalSaga>(data: new OrderData { Order = "broken" });

        var status = await EndAsync();
        Assert.Equal("Parked wrap=Pending send=Pending", Show(status));
        Assert.Equal(
            "The condition of step 'wrap' cannot be computed from the data: InvalidOperationException: broken order", status.StuckReason);
        Assert.Empty(Script.Calls);
    }

    [Fact]
    public async Task NotCompensatable_IsPassedOverWhenTheSagaIsUndone()
    {
        Script.On("send", _ => throw new SagaRejectedException("no address"));

        await StartAsync<ConditionalSaga>(data: new OrderData { Order = "gift" });

        Assert.Equal("Compensated wrap=Succeeded send=Rejected", Show(await EndAsync()));
        Assert.Equal(["wrap#1", "send#1"], Script.Calls);
    }

    [Fact]
    public async Task Parallel_RunsAtTheSameTimeAndMergesTheData()
    {
        var left = HangThen("left", data => data.Approver = "left");
        var right = HangThen("right", data => data.Note = "right");
        (string?, string?, string) seen = default;
        Script.On("after", context => seen = (context.Data.Approver, context.Data.Note, context.Data.Order));

        await StartAsync<ParallelSaga>();
        await left.Begun.Soon();
        await right.Begun.Soon();
        Assert.Equal("Running before=Succeeded left=Running right=Running after=Pending", Show(await StatusAsync()));
        right.Release.SetResult();
        await StepAsync("right", SagaStepState.Succeeded);
        Assert.Equal("Running before=Succeeded left=Running right=Succeeded after=Pending", Show(await StatusAsync()));
        left.Release.SetResult();

        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        Assert.Equal(("left", "right", "o-1"), seen);
    }

    [Fact]
    public async Task Parallel_OneIsRejected_TheOtherIsAskedToEndAndUndone()
    {
        var (begun, cancelled) = Script.HangUntilCancelled("left");
        var (rightBegun, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Script.On("right", async (_, _) =>
        {
            rightBegun.SetResult();
            await release.Task;
            throw new SagaRejectedException("full");
        });
        await StartAsync<ParallelSaga>();
        await begun.Soon();
        await rightBegun.Task.Soon();

        release.SetResult();
        await cancelled.Soon();

        var status = await EndAsync();
        Assert.Equal("Compensated before=Compensated left=Compensated right=Rejected after=Pending", Show(status));
        Assert.Equal("Step 'right' was rejected: full", status.CompensationReason);
        Assert.Equal(["left:compensation#1?", "before:compensation#1"], Script.Calls.TakeLast(2));
    }

    [Fact]
    public async Task Parallel_IsUndoneAtTheSameTimeAndBeforeWhatCameBeforeIt()
    {
        Script.On("after", _ => throw new SagaRejectedException("no"));
        var left = Script.Hang("left:compensation");
        var right = Script.Hang("right:compensation");

        await StartAsync<ParallelSaga>();
        await left.Begun.Soon();
        await right.Begun.Soon();
        Assert.Equal("Compensating before=Succeeded left=Compensating right=Compensating after=Rejected", Show(await StatusAsync()));
        left.Release.SetResult();
        await StepAsync("left", SagaStepState.Compensated);
        Assert.DoesNotContain("before:compensation#1", Script.Calls);
        right.Release.SetResult();

        Assert.Equal("Compensated before=Compensated left=Compensated right=Compensated after=Rejected", Show(await EndAsync()));
    }

    [Fact]
    public async Task Pivot_Done_TheSagaCannotBeCancelled()
    {
        var (begun, release) = Script.Hang("ship");
        await StartAsync<PivotSaga>();
        await begun.Soon();

        var refused = await Assert.ThrowsAsync<SagaCannotBeCancelledException>(() => Sagas.CancelAsync(Id, Token).Soon());

        Assert.Equal((Id, SagaPhase.Running, "charge"), (refused.SagaId, refused.Phase, refused.Pivot));
        release.SetResult();
        Assert.Equal("Completed reserve=Succeeded charge=Succeeded ship=Succeeded", Show(await EndAsync()));
    }

    [Theory]
    [InlineData(false, "Completed reserve=Succeeded charge=Succeeded ship=Succeeded")]
    [InlineData(true, "Compensated reserve=Compensated charge=Rejected ship=Pending")]
    public async Task Pivot_CancelledWhileItRuns_DecidesByItsOutcome(bool isRejected, string expected)
    {
        var (begun, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var wasTold = true;
        Script.On("charge", async (_, token) =>
        {
            begun.SetResult();
            await release.Task;
            wasTold = token.IsCancellationRequested;
            if (isRejected)
            {
                throw new SagaRejectedException("declined");
            }
        });
        await StartAsync<PivotSaga>();
        await begun.Task.Soon();

        Assert.True((await Sagas.CancelAsync(Id, Token).Soon()).IsCancelRequested);
        release.SetResult();

        Assert.Equal(expected, Show(await EndAsync()));
        Assert.False(wasTold);
    }

    [Fact]
    public async Task StepAfterThePivot_IsTriedUntilItSucceeds()
    {
        const int Failures = 4;
        Script.On("ship", context =>
        {
            if (context.Attempt <= Failures)
            {
                throw new InvalidOperationException("no lorry");
            }
        });
        var backOff = TimeSpan.FromMilliseconds(200);
        await StartAsync<PivotSaga>();
        for (var failed = 1; failed <= Failures; failed++)
        {
            await WrittenAsync(record => record.Steps[2].Action.Failed == failed, $"failed {failed} times");
            await SettledAsync();
            Time.Advance(backOff);
            backOff *= 2;
        }

        await WrittenAsync(record => record.Phase == SagaPhase.Completed, "completed");
        Assert.Equal("ship#5", Script.Calls[^1]);
    }

    [Fact]
    public async Task StepAfterThePivot_Rejected_IsStuckAndNothingIsUndone()
    {
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));

        await StartAsync<PivotSaga>();

        var status = await EndAsync();
        Assert.Equal("Stuck reserve=Succeeded charge=Succeeded ship=Rejected", Show(status));
        Assert.Equal("Step 'ship' was rejected: no lorry It comes after the pivot, so nothing is undone.", status.StuckReason);
        Assert.Equal(["reserve#1", "charge#1", "ship#1"], Script.Calls);
    }

    private (Task Begun, TaskCompletionSource Release) HangThen(string step, Action<OrderData> change)
    {
        var (begun, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Script.On(step, async (context, _) =>
        {
            begun.SetResult();
            await release.Task;
            change(context.Data);
        });
        return (begun.Task, release);
    }

    private sealed class ConditionalSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("wrap").Do(SagaScript.RunAsync).NotCompensatable("paper is cheap").When(data => data.Order switch
            {
                "broken" => throw new InvalidOperationException("broken order"),
                var order => order == "gift",
            });
            saga.Step("send").Do(SagaScript.RunAsync);
        }
    }

    private sealed class ParallelSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("before").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.Parallel(group =>
            {
                group.Step("left").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
                group.Step("right").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            });
            saga.Step("after").Do(SagaScript.RunAsync);
        }
    }

    private sealed class PivotSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step<ReserveStock>("reserve");
            saga.Step("charge").Do(SagaScript.RunAsync).Pivot();
            saga.Step("ship").Do(SagaScript.RunAsync);
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddSaga<ConditionalSaga, OrderData>()
            .AddSaga<ParallelSaga, OrderData>()
            .AddSaga<PivotSaga, OrderData>();
    }
}
