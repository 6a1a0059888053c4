using System.Collections.Immutable;
using Orleans.TestingHost;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Finding sagas by the catalog.</summary>
public sealed class SagaListTests(SagaCluster<SagaListTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<SagaListTests.Silo>>
{
    [Fact]
    public async Task List_ByWhatIsKnownOfASaga_FindsIt()
    {
        var order = $"order-{Id}";
        await StartAsync<ListedSaga>(data: new OrderData { Order = order });
        await StepAsync("go", SagaStepState.Waiting);
        var mine = ImmutableDictionary<string, string>.Empty.Add("order", order);

        var found = Assert.Single(await ListAsync(new() { Attributes = mine }));
        Assert.Equal(
            (Id, "ListedSaga", 3, SagaPhase.Running, null), (found.SagaId, found.Definition, found.Version, found.Phase, found.Reason));
        Assert.Equal(["go"], found.Steps);
        Assert.Equal(200, found.Attributes["long"].Length);
        Assert.Equal(2, found.Attributes.Count);
        Assert.Equal(Time.GetUtcNow(), found.StartedAt);

        var query = new SagaQuery
        {
            Attributes = mine, Definition = "ListedSaga", Phase = SagaPhase.Running, Step = "go", MinAge = TimeSpan.Zero,
        };
        Assert.Single(await ListAsync(query));
        Assert.Empty(await ListAsync(query with { Definition = "order" }));
        Assert.Empty(await ListAsync(query with { Phase = SagaPhase.Completed }));
        Assert.Empty(await ListAsync(query with { Step = "work" }));
        Assert.Empty(await ListAsync(query with { Attributes = mine.SetItem("order", "another") }));
        Assert.Empty(await ListAsync(query with { Attributes = mine.Add("none", "x") }));
        Assert.Empty(await ListAsync(query with { MinAge = TimeSpan.FromMinutes(1) }));
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(await ListAsync(query with { MinAge = TimeSpan.FromMinutes(1) }));
    }

    [Fact]
    public async Task List_ShowsTheEndAndWhy()
    {
        Script.On("work", _ => throw new SagaRejectedException("no"));
        await StartAsync<ListedSaga>(data: new OrderData { Order = Id });
        await Sagas.SignalAsync(Id, "go", new OrderData(), null, Token).Soon();
        await EndAsync();
        await SettledAsync();

        var found = Assert.Single(await ListAsync(new() { Attributes = ImmutableDictionary<string, string>.Empty.Add("order", Id) }));

        Assert.Equal((SagaPhase.Compensated, "Step 'work' was rejected: no"), (found.Phase, found.Reason));
        Assert.Empty(found.Steps);
    }

    [Fact]
    public async Task List_AttributesThatThrow_AreNotThereAndHarmNobody()
    {
        await StartAsync<ListedSaga>(data: new OrderData { Order = "broken", Note = "x" });
        await StepAsync("go", SagaStepState.Waiting);

        var found = Assert.Single(await ListAsync(new() { Definition = "ListedSaga" }), listing => listing.SagaId == Id);
        Assert.Empty(found.Attributes);
    }

    [Fact]
    public async Task List_IsCutAtMaxCountWithTheLatestFirst()
    {
        List<string> ids = [];
        foreach (var ending in new[] { "a", "b", "c" })
        {
            ids.Add(new SagaScript($"{Id}-{ending}").SagaId);
            Time.Advance(TimeSpan.FromSeconds(1));
            await StartAsync<OtherSaga>(ids[^1]);
            await StepAsync("go", SagaStepState.Waiting, ids[^1]);
        }

        var found = await ListAsync(new() { Definition = "OtherSaga", MaxCount = 2 });

        Assert.Equal([ids[2], ids[1]], found.Select(listing => listing.SagaId));
    }

    private Task<IReadOnlyList<SagaListing>> ListAsync(SagaQuery query) => Operations.ListAsync(query, Token).Soon();

    private sealed class ListedSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            saga.Version(3);
            saga.SearchAttribute("order", data => data.Order == "broken" ? throw new InvalidOperationException("broken") : data.Order);
            saga.SearchAttribute("long", _ => new string('l', 1_000));
            saga.SearchAttribute("none", data => data.Note);
            saga.WaitFor<OrderData>("go");
            saga.Step("work").Do(SagaScript.RunAsync);
        }
    }

    private sealed class OtherSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga) => saga.WaitFor<OrderData>("go");
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<ListedSaga, OrderData>().AddSaga<OtherSaga, OrderData>();
    }
}
