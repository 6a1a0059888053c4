using Orleans.TestingHost;
using OrleansPatterns.Sagas;
using OrleansPatterns.Tests.Telemetry;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What a silo tells of the sagas that run in it.</summary>
public sealed class SagaMetricsTests(SagaCluster<SagaMetricsTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaMetricsTests.Silo>>
{
    [Fact]
    public async Task Saga_ThatCompletes_IsMeasuredFromItsStart_AndSoAreItsSteps()
    {
        using var metrics = new RecordedMetrics(Fixture.SiloServices);
        Script.On("charge", _ => Time.Advance(TimeSpan.FromSeconds(2)));
        await StartAsync<OrderSaga>();
        await StartAsync<OrderSaga>();
        await EndAsync();
        await SettledAsync();

        Assert.Equal([("", 1)], metrics.Of("saga.starts"));
        Assert.Equal(
            [("direction=action outcome=succeeded", 0), ("direction=action outcome=succeeded", 2), ("direction=action outcome=succeeded", 0)],
            metrics.Of("saga.step.duration"));
        Assert.Equal([("phase=completed", 2)], metrics.Of("saga.duration"));
        Assert.Empty(metrics.Of("saga.halts"));
    }

    [Fact]
    public async Task Saga_ThatIsUndone_SaysSo()
    {
        using var metrics = new RecordedMetrics(Fixture.SiloServices);
        Script.On("ship", _ => throw new SagaRejectedException("no lorry"));
        await StartAsync<OrderSaga>();
        await EndAsync();
        await SettledAsync();

        Assert.Equal(
            [
                "direction=action outcome=succeeded", "direction=action outcome=succeeded", "direction=action outcome=rejected",
                "direction=compensation outcome=succeeded", "direction=compensation outcome=succeeded",
            ],
            metrics.Of("saga.step.duration").Select(each => each.Tags));
        Assert.Equal(["phase=compensated"], metrics.Of("saga.duration").Select(each => each.Tags));
    }

    [Fact]
    public async Task Saga_ThatIsStuck_IsAHalt_AndEndsWhenItIsGivenUp()
    {
        using var metrics = new RecordedMetrics(Fixture.SiloServices);
        Script.On("send", _ => throw new SagaRejectedException("no paper"));
        await StartAsync<PaidSaga>();
        Assert.Equal(SagaPhase.Stuck, (await EndAsync()).Phase);
        await SettledAsync();
        Assert.Equal([("phase=stuck", 1)], metrics.Of("saga.halts"));
        Assert.Empty(metrics.Of("saga.duration"));

        await Operations.GiveUpAsync(Id, "ann", "written off", Token).Soon();
        await SettledAsync();
        Assert.Equal(["phase=given_up"], metrics.Of("saga.duration").Select(each => each.Tags));
        Assert.Single(metrics.Of("saga.halts"));
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<PaidSaga, OrderData>();
    }

    [SagaName("paid")]
    private sealed class PaidSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Step("pay").Pivot().Do(SagaScript.RunAsync);
            saga.Step("send").Do(SagaScript.RunAsync);
        }
    }
}
