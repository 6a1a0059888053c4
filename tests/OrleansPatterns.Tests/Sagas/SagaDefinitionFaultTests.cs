using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What is wrong with a description, all at once and word for word.</summary>
public sealed class SagaDefinitionFaultTests
{
    [Fact]
    public void Saga_WithoutSteps_IsAFault() => AssertFaults(_ => { }, "Saga 'test' version 1 has no steps; it must have at least one.");

    [Fact]
    public void Saga_AllWrong_ReportsAllAtOnce() => AssertFaults(
        saga =>
        {
            saga.Version(0).Deadline(TimeSpan.Zero).MaxConcurrency(0);
            saga.SearchAttribute("same", data => data.Order).SearchAttribute("same", data => data.Order);
            saga.Step("a").Do(SagaTable.Nothing).NotCompensatable("test");
            saga.Parallel(_ => { });
            saga.Parallel(group => group.Step("a").Do(SagaTable.Nothing).NotCompensatable("test"));
            saga.Step("p").Do(SagaTable.Nothing).Pivot();
            saga.Parallel(group =>
            {
                group.Step("q").Do(SagaTable.Nothing).Pivot();
                group.Step("r").Do(SagaTable.Nothing);
            });
        },
        "Saga 'test' has version 0; it must be at least 1.",
        "Saga 'test' version 0 has a parallel group with 0 steps; it must have at least two.",
        "Saga 'test' version 0 has a parallel group with 1 steps; it must have at least two.",
        "Saga 'test' version 0 has 2 steps named 'a'; names must be unique.",
        "Saga 'test' version 0 has 2 pivots, 'p', 'q'; it must have at most one.",
        "Saga 'test' version 0, step 'q' is the pivot and in a parallel group; it must stand by itself.",
        "Saga 'test' version 0: Deadline is 00:00:00; it must be greater than zero and at most 3653.00:00:00.",
        "Saga 'test' version 0: MaxConcurrency is 0; it must be at least 1.",
        "Saga 'test' version 0 has the search attributes [same, same]; it may have 10, with different names of 1 to 100 characters.");

    [Fact]
    public void Steps_AllWrong_ReportAllAtOnce() => AssertFaults(
        saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing).Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Compensate(SagaTable.Nothing)
                .NotCompensatable("test");
            saga.Step("b/c").Timeout(TimeSpan.Zero).NotCompensatable(" ");
            saga.Step("d").Do(SagaTable.Nothing);
            saga.Child<OrderSaga, OrderData>("e", data => data).NotCompensatable("");
            saga.Step("p").Do(SagaTable.Nothing).Pivot().Timeout(TimeSpan.FromHours(25));
            saga.Step("f").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
            saga.WaitFor<OrderData>("g").Deadline(TimeSpan.FromHours(1));
            saga.WaitFor<OrderData>("h").Deadline(TimeSpan.Zero, SagaDeadlineAction.None);
            saga.Delay("i", TimeSpan.FromSeconds(-1));
        },
        "step 'a' has 2 actions; it must have exactly one.",
        "step 'a' has 2 compensations; it must have at most one.",
        "step 'a' has a compensation and is NotCompensatable; it must be one of the two.",
        "step 'b/c': a name is 1 to 100 characters without '/', ':' and control characters.",
        "step 'b/c' has 0 actions; it must have exactly one.",
        "step 'b/c' is NotCompensatable without a reason; say why.",
        "step 'b/c': Timeout is 00:00:00; it must be greater than zero and at most 1.00:00:00.",
        "step 'd' has no compensation, and what comes with or after it can fail; give it one, or say why none is needed with NotCompensatable.",
        "step 'e' is NotCompensatable without a reason; say why.",
        "step 'p': Timeout is 1.01:00:00; it must be greater than zero and at most 1.00:00:00.",
        "step 'f' comes after the pivot and has a compensation, which would never run; remove it, or move the step.",
        "step 'g' comes after the pivot, where nothing is undone; its Deadline must say Continue.",
        "step 'h': Deadline is 00:00:00; it must be greater than zero and at most 3653.00:00:00.",
        "step 'h': Deadline has None; it must be Compensate or Continue.",
        "step 'i': the delay is -00:00:01; it must be 00:00:00 to 3653.00:00:00.");

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "")]
    [InlineData(1000, "")]
    [InlineData(1001, null)]
    [InlineData(SagaRetry.Unlimited, "")]
    public void MaxAttempts_HasBounds(int attempts, string? none)
    {
        var retry = new SagaRetry { MaxAttempts = attempts };
        AssertFaults(
            saga => saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Retry(retry).RetryCompensation(retry),
            none is null
                ? [
                    $"step 'a': Retry.MaxAttempts is {attempts}; it must be 1 to 1000, or SagaRetry.Unlimited.",
                    $"step 'a': RetryCompensation.MaxAttempts is {attempts}; it must be 1 to 1000, or SagaRetry.Unlimited.",
                ]
                : []);
    }

    [Fact]
    public void Delays_HaveBounds() => AssertFaults(
        saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing).NotCompensatable("test").Retry(new() { Delay = TimeSpan.FromSeconds(11) });
            saga.Step("b").Do(SagaTable.Nothing).RetryCompensation(new() { MaxDelay = TimeSpan.FromHours(2), Delay = TimeSpan.FromSeconds(-1) });
        },
        "step 'a': Retry.Delay is 00:00:11; it must be 00:00:00 to MaxDelay (00:00:10).",
        "step 'b': RetryCompensation.MaxDelay is 02:00:00; it must be 00:00:00 to 01:00:00.",
        "step 'b': RetryCompensation.Delay is -00:00:01; it must be 00:00:00 to MaxDelay (02:00:00).");

    /// <summary>Whether a step without compensation is one too few: the first, the last, with a pivot, in a group.</summary>
    [Theory]
    [InlineData("a b", "a")]
    [InlineData("a p", "a")]
    [InlineData("p b", "")]
    [InlineData("a p b c", "a")]
    [InlineData("a", "")]
    [InlineData("b|c", "b c")]
    [InlineData("p b|c", "")]
    public void Compensation_IsNeededWhereOthersCanFail(string steps, string lacking)
    {
        var faults = SagaDefinitionTests.Describe(saga =>
        {
            foreach (var stage in steps.Split(' '))
            {
                if (stage.Contains('|', StringComparison.Ordinal))
                {
                    saga.Parallel(group => stage.Split('|').ToList().ForEach(name => group.Step(name).Do(SagaTable.Nothing)));
                }
                else if (saga.Step(stage).Do(SagaTable.Nothing) is var step && stage == "p")
                {
                    step.Pivot();
                }
            }
        }).Faults;

        Assert.Equal(lacking, string.Join(' ', faults.Select(fault => fault.Split('\'')[3])));
        Assert.All(faults, fault => Assert.Contains("has no compensation", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(10, 1, true)]
    [InlineData(11, 1, false)]
    [InlineData(1, 0, false)]
    [InlineData(1, 100, true)]
    [InlineData(1, 101, false)]
    public void SearchAttributes_HaveBounds(int count, int length, bool isValid)
    {
        var faults = SagaDefinitionTests.Describe(saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing);
            for (var attribute = 0; attribute < count; attribute++)
            {
                saga.SearchAttribute(new string((char)('a' + attribute), length), data => data.Order);
            }
        }).Faults;

        Assert.Equal(isValid, faults.Count == 0);
    }

    private static void AssertFaults(Action<ISagaBuilder<OrderData>> define, params string[] faults) => Assert.Equal(
        faults.Select(fault => fault.StartsWith("step", StringComparison.Ordinal) ? $"Saga 'test' version 1, {fault}" : fault),
        SagaDefinitionTests.Describe(define).Faults);
}
