using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What a description becomes, and the registry. For faults see <see cref="SagaDefinitionFaultTests"/>.</summary>
public sealed class SagaDefinitionTests
{
    [Fact]
    public void Build_WithoutSettings_HasTheDocumentedDefaults()
    {
        var blueprint = Describe(saga => saga.Step<ReserveStock>());

        Assert.Empty(blueprint.Faults);
        var definition = blueprint.Definition;
        Assert.Equal((1, null, null), (definition.Version, definition.Deadline, definition.MaxConcurrency));
        Assert.Equal((null, null, null), (definition.Result, definition.Attributes, definition.PivotStage));
        var step = Assert.Single(definition.Steps);
        Assert.Equal(("ReserveStock", SagaStepKind.Action, 0), (step.Name, step.Kind, step.Stage));
        Assert.Equal(new SagaRetry(), step.Retry);
        Assert.Equal(new SagaRetry { MaxAttempts = 10 }, step.CompensationRetry);
        Assert.Equal(TimeSpan.FromSeconds(30), step.Timeout);
        Assert.NotNull(step.Compensation);
        Assert.False(step.IsPivot);
    }

    [Fact]
    public void Build_OfAllKinds_NumbersTheStages()
    {
        var definition = Describe(saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing).NotCompensatable("it reads");
            saga.Parallel(group =>
            {
                group.WaitFor<OrderData>("b").Deadline(TimeSpan.FromHours(1));
                group.Delay("c", TimeSpan.FromMinutes(1));
            });
            saga.Child<OrderSaga, OrderData>("d", data => data);
            saga.Step("e").Do(SagaTable.Nothing).Pivot();
            saga.Step("f").Do(SagaTable.Nothing);
            saga.Child<OrderSaga, OrderData>("g", data => data);
        }).Definition;

        Assert.Equal(
            "a Action 0, b Signal 1, c Delay 1, d Child 2, e Action 3, f Action 4, g Child 5",
            string.Join(", ", definition.Steps.Select(step => $"{step.Name} {step.Kind} {step.Stage}")));
        Assert.Equal((6, 3), (definition.StageCount, definition.PivotStage!.Value));
        Assert.Equal([false, true, false], [definition.IsParallel(0), definition.IsParallel(1), definition.IsParallel(2)]);
        Assert.Equal(["d"], definition.Steps.Where(step => step.Compensation is not null).Select(step => step.Name));
        Assert.Equal([3, 3, SagaRetry.Unlimited, SagaRetry.Unlimited], definition.Steps.Skip(3).Select(step => step.Retry.MaxAttempts));
        Assert.Equal(("order", TimeSpan.FromHours(1)), (definition.Steps[3].Child, definition.Steps[1].Deadline));
    }

    [Fact]
    public void Attributes_AreComputedAndCut()
    {
        var definition = Describe(saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing);
            saga.SearchAttribute("order", data => data.Order);
            saga.SearchAttribute("none", _ => null);
            saga.SearchAttribute("long", _ => new string('x', 201));
        }).Definition;

        var attributes = definition.Attributes!("""{"Order":"7"}""");

        Assert.Equal(["long", "order"], attributes.Keys);
        Assert.Equal(("7", 200), (attributes["order"], attributes["long"].Length));
    }

    [Theory]
    [InlineData("""{"Order":"7"}""", true)]
    [InlineData("null", false)]
    [InlineData("[]", false)]
    [InlineData("{", false)]
    public void CheckData_TellsWhatIsNoData(string json, bool isValid)
    {
        var fault = Describe(saga => saga.Step("a").Do(SagaTable.Nothing)).Definition.CheckData(json);

        Assert.Equal(isValid, fault is null);
        Assert.True(isValid || fault!.StartsWith("It is not a OrderData: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Registry_FindLatest_IsTheHighestVersion()
    {
        var registry = Registry(SagaRegistration.Of<OrderSaga, OrderData>(), SagaRegistration.Of<OldOrderSaga, OrderData>());

        Assert.Empty(registry.Faults);
        Assert.Equal(2, registry.FindLatest("order")?.Version);
        Assert.Equal(1, registry.Find("order", 1)?.Version);
        Assert.Null(registry.Find("order", 3));
        Assert.Null(registry.FindLatest("Order"));
    }

    [Fact]
    public void Registry_SameClassTwice_IsHarmless() =>
        Assert.Empty(Registry(SagaRegistration.Of<OrderSaga, OrderData>(), SagaRegistration.Of<OrderSaga, OrderData>()).Faults);

    [Fact]
    public void Registry_TwoClassesOfOneVersion_AreAFault() =>
        Assert.Equal(
            [
                "Saga 'order' version 1 is defined more than once, the last time by "
                + "OrleansPatterns.Tests.Sagas.SagaDefinitionTests+Impostor; give each class a [SagaName] or a Version of its own.",
                "Saga class OrleansPatterns.Tests.Sagas.SagaDefinitionTests+Unmakeable cannot be made or described: out of order",
            ],
            Registry(
                SagaRegistration.Of<OldOrderSaga, OrderData>(),
                SagaRegistration.Of<Impostor, OrderData>(),
                SagaRegistration.Of<Unmakeable, OrderData>()).Faults);

    [Fact]
    public void Registry_ChildrenThatCannotBe_AreFaults() =>
        Assert.Equal(
            [
                "Saga 'Parents' version 1, step 'missing' runs saga 'order', which is not registered; call AddSaga for it as well.",
                "Saga 'Parents' version 1, step 'final' runs saga 'Pivoted', which cannot be undone once its pivot "
                + "'p' is done (a last step without a compensation is one); put the step after this saga's pivot, or say NotCompensatable.",
            ],
            Registry(SagaRegistration.Of<Parents, OrderData>(), SagaRegistration.Of<Pivoted, OrderData>()).Faults);

    [Fact]
    public void Name_WithoutAttribute_IsThatOfTheClass()
    {
        Assert.Equal("Unmakeable", SagaNameAttribute.Of(typeof(Unmakeable)));
        Assert.Equal("order", SagaNameAttribute.Of(typeof(OrderSaga)));
    }

    [Fact]
    public async Task Silo_WithFaultyDefinitions_DoesNotStart()
    {
        await using var cluster = new TestClusterBuilder(initialSilosCount: 1)
            .AddOrleansPatterns()
            .AddSiloBuilderConfigurator<FaultySilo>()
            .Build();

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => cluster.DeployAsync(TestContext.Current.CancellationToken));

        Assert.Contains("'Empty' version 1 has no steps", exception.ToString(), StringComparison.Ordinal);
        Assert.Contains("defined more than once", exception.ToString(), StringComparison.Ordinal);
    }

    internal static SagaBlueprint Describe(Action<ISagaBuilder<OrderData>> define)
    {
        var builder = new SagaBuilder<OrderData>("test");
        define(builder);
        return builder.Build();
    }

    private static SagaRegistry Registry(params SagaRegistration[] registrations) =>
        new(registrations, new ServiceCollection().BuildServiceProvider());

    [SagaName("order")]
    private sealed class Impostor : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.Step("other").Do(SagaTable.Nothing);
    }

    private sealed class Unmakeable : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => throw new InvalidOperationException("out of order");
    }

    private sealed class Pivoted : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.Step("p").Do(SagaTable.Nothing).Pivot();
    }

    private sealed class Parents : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Child<OrderSaga, OrderData>("missing", data => data);
            saga.Child<Pivoted, OrderData>("final", data => data);
            saga.Child<Pivoted, OrderData>("said", data => data).NotCompensatable("test");
            saga.Step("pivot").Do(SagaTable.Nothing).Pivot();
            saga.Child<Pivoted, OrderData>("after", data => data);
        }
    }

    private sealed class Empty : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
        }
    }

    private sealed class FaultySilo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder
            .AddSaga<Empty, OrderData>()
            .AddSaga<OldOrderSaga, OrderData>()
            .AddSaga<Impostor, OrderData>();
    }
}
