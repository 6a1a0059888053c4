using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

public sealed class SagaDefinitionTests
{
    [Fact]
    public void Build_WithoutSettings_HasTheDocumentedDefaults()
    {
        var blueprint = Describe(saga => saga.Step<ReserveStock>());

        Assert.Empty(blueprint.Faults);
        Assert.Equal(1, blueprint.Definition.Version);
        var step = Assert.Single(blueprint.Definition.Steps);
        Assert.Equal("ReserveStock", step.Name);
        Assert.Equal(new SagaRetry(), step.Retry);
        Assert.Equal(new SagaRetry { MaxAttempts = 10 }, step.CompensationRetry);
        Assert.Equal(TimeSpan.FromSeconds(30), step.Timeout);
        Assert.NotNull(step.Compensation);
    }

    [Fact]
    public void Build_WithoutSteps_IsAFault() =>
        Assert.Equal(["Saga 'test' version 1 has no steps; it must have at least one."], Describe(_ => { }).Faults);

    [Fact]
    public void Build_AllWrong_ReportsAllAtOnce()
    {
        var blueprint = Describe(saga =>
        {
            saga.Version(0);
            saga.Step("a").Do(Nothing);
            saga.Step("a").Do(Nothing).Do(Nothing).Compensate(Nothing).Compensate(Nothing);
            saga.Step("b/c").Timeout(TimeSpan.Zero);
            saga.Step("d").Do(Nothing)
                .Retry(new SagaRetry { MaxAttempts = 0, Delay = TimeSpan.FromSeconds(11) })
                .RetryCompensation(new SagaRetry { MaxDelay = TimeSpan.FromHours(2) });
        });

        Assert.Equal(
            [
                "Saga 'test' has version 0; it must be at least 1.",
                "Saga 'test' version 0 has 2 steps named 'a'; names must be unique.",
                "Saga 'test' version 0, step 'a' has 2 actions; it must have exactly one.",
                "Saga 'test' version 0, step 'a' has 2 compensations; it must have at most one.",
                "Saga 'test' version 0, step 'b/c': a name is 1 to 100 characters without '/', ':' and control characters.",
                "Saga 'test' version 0, step 'b/c' has 0 actions; it must have exactly one.",
                "Saga 'test' version 0, step 'b/c': Timeout is 00:00:00; it must be greater than zero and at most 1.00:00:00.",
                "Saga 'test' version 0, step 'd': Retry.MaxAttempts is 0; it must be 1 to 1000.",
                "Saga 'test' version 0, step 'd': Retry.Delay is 00:00:11; it must be 00:00:00 to MaxDelay (00:00:10).",
                "Saga 'test' version 0, step 'd': RetryCompensation.MaxDelay is 02:00:00; it must be 00:00:00 to 01:00:00.",
            ],
            blueprint.Faults);
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

    private static Task Nothing(SagaStepContext<OrderData> context, CancellationToken cancellationToken) => Task.CompletedTask;

    private static SagaRegistry Registry(params SagaRegistration[] registrations) =>
        new(registrations, new ServiceCollection().BuildServiceProvider());

    [SagaName("order")]
    private sealed class Impostor : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.Step("other").Do(Nothing);
    }

    private sealed class Unmakeable : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => throw new InvalidOperationException("out of order");
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
