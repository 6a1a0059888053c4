using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaFingerprintTests
{
    private static readonly string Original = Of(saga =>
    {
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
        saga.Step("b").Do(SagaTable.Nothing).NotCompensatable("test");
    });

    [Fact]
    public void Fingerprint_OfASagaInTheField_StaysTheSame() => Assert.Equal("3274b360c831e001", Original);

    [Fact]
    public void Fingerprint_OfWhatMayChangeWithinAVersion_StaysTheSame() => Assert.Equal(Original, Of(saga =>
    {
        saga.Deadline(TimeSpan.FromHours(1)).MaxConcurrency(3).Result(data => data.Order).SearchAttribute("order", data => data.Order);
        saga.Step("a").Do((_, _) => Task.FromResult(1)).Compensate((_, _) => Task.FromResult(2)).Retry(SagaTable.Two)
            .RetryCompensation(SagaTable.Two).Timeout(TimeSpan.FromSeconds(1));
        saga.Step("b").Do(SagaTable.Nothing).NotCompensatable("it reads");
    }));

    [Theory]
    [InlineData("renamed")]
    [InlineData("reordered")]
    [InlineData("added")]
    [InlineData("removed")]
    [InlineData("grouped")]
    [InlineData("pivot")]
    [InlineData("conditional")]
    [InlineData("not undone")]
    [InlineData("signal")]
    [InlineData("delay")]
    [InlineData("child")]
    public void Fingerprint_OfAnotherStructure_Differs(string what) => Assert.NotEqual(Original, Of(saga => Change(saga, what)));

    [Fact]
    public void Fingerprints_OfDifferentChildren_Differ() => Assert.NotEqual(
        Of(saga => saga.Child<OrderSaga, OrderData>("a", data => data)), Of(saga => saga.Child<Other, OrderData>("a", data => data)));

    private static void Change(ISagaBuilder<OrderData> saga, string what)
    {
        switch (what)
        {
            case "reordered":
                saga.Step("b").Do(SagaTable.Nothing).NotCompensatable("test");
                saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                return;
            case "grouped":
                saga.Parallel(group =>
                {
                    group.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                    group.Step("b").Do(SagaTable.Nothing).NotCompensatable("test");
                });
                return;
        }

        var first = saga.Step(what == "renamed" ? "c" : "a").Do(SagaTable.Nothing);
        _ = what == "not undone" ? first.NotCompensatable("test") : first.Compensate(SagaTable.Nothing);
        switch (what)
        {
            case "removed":
                return;
            case "signal":
                saga.WaitFor<OrderData>("b");
                return;
            case "delay":
                saga.Delay("b", TimeSpan.Zero);
                return;
            case "child":
                saga.Child<OrderSaga, OrderData>("b", data => data).NotCompensatable("test");
                return;
        }

        var second = saga.Step("b").Do(SagaTable.Nothing);
        switch (what)
        {
            case "pivot":
                second.Pivot();
                break;
            case "conditional":
                second.When(_ => true).NotCompensatable("test");
                break;
            case "added":
                second.NotCompensatable("test");
                saga.Step("c").Do(SagaTable.Nothing);
                break;
        }
    }

    private static string Of(Action<ISagaBuilder<OrderData>> define)
    {
        var blueprint = SagaDefinitionTests.Describe(define);
        Assert.Empty(blueprint.Faults);
        return blueprint.Definition.Fingerprint;
    }

    private sealed class Other : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
        }
    }
}
