using System.Net;
using System.Text.Json.Nodes;
using Orleans.TestingHost;
using OrleansPatterns.Sagas;
using OrleansPatterns.Tests.Sagas;

namespace OrleansPatterns.Tests.Management;

public sealed class ManagementSagaTests(SagaCluster<ManagementSagaTests.Silo> fixture)
    : SagaTests(fixture), IClassFixture<SagaCluster<ManagementSagaTests.Silo>>
{
    private bool _isDown = true;

    [Fact]
    public async Task StuckSaga_IsFound_SeenWithItsHistory_AndRetried()
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        await StickAsync();

        var item = Assert.Single((await app.ReadAsync($"sagas?phase=Stuck&definition=console&step=charge&attribute=order:o-1&search={Id}"))["items"]!.AsArray())!;
        Assert.Equal((Id, "console", "Stuck", "charge"), ((string?)item["id"], (string?)item["definition"], (string?)item["phase"], (string?)item["steps"]![0]));
        var seen = await app.ReadAsync($"saga?id={Id}");
        Assert.Equal(
            "reserve=Succeeded charge=Unknown ship=Pending", string.Join(' ', seen["steps"]!.AsArray().Select(step => $"{step!["name"]}={step["state"]}")));
        Assert.Equal("InvalidOperationException: <script>no bank</script>", (string?)seen["steps"]![1]!["lastError"]);
        Assert.Contains("charge", (string?)seen["stuckReason"], StringComparison.Ordinal);
        Assert.Equal("o-1", (string?)JsonNode.Parse((string)seen["data"]!)!["Order"]);
        Assert.Contains("retry", seen["actions"]!.AsArray().Select(action => (string?)action));
        var failed = Assert.Single(seen["history"]!.AsArray(), entry => (string?)entry!["event"] == "Failed")!;
        Assert.Equal(("charge", 1, false), ((string?)failed["step"], (int)failed["attempt"]!, (bool)failed["isCompensation"]!));

        _isDown = false;
        var after = await app.ActAsync("saga/retry", new { id = Id, reason = "the bank is back" }, user: "ann");
        Assert.NotEqual("Stuck", (string?)after["phase"]);
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        var ended = await app.ReadAsync($"saga?id={Id}");
        Assert.Empty(ended["actions"]!.AsArray());
        var retried = Assert.Single(ended["history"]!.AsArray(), entry => (string?)entry!["event"] == "Retried")!;
        Assert.Equal(("ann", "the bank is back"), ((string?)retried["by"], (string?)retried["detail"]));
    }

    [Fact]
    public async Task RunningSaga_IsCancelled()
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        var (begun, cancelled) = Script.HangUntilCancelled("reserve");
        await StartAsync<ConsoleSaga>();
        await begun.Soon();
        await app.ActAsync("saga/cancel", new { id = Id, reason = "the customer has called" });
        await cancelled.Soon();
        Assert.Equal("Compensated reserve=Compensated charge=Pending ship=Pending", Show(await EndAsync()));
    }

    [Theory]
    [InlineData("skip", "Completed reserve=Succeeded charge=Skipped ship=Succeeded")]
    [InlineData("give-up", "GivenUp reserve=Succeeded charge=Unknown ship=Pending")]
    [InlineData("compensate", "Compensated reserve=Compensated charge=Rejected ship=Pending")]
    public async Task StuckSaga_IsEndedAsTheOperatorSays(string action, string expected)
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        await StickAsync();
        await app.ActAsync($"saga/{action}", action == "skip" ? new { id = Id, step = "charge", reason = "r" } : new { id = Id, reason = "r" });
        Assert.Equal(expected, Show(await EndAsync()));
    }

    [Fact]
    public async Task WhatDoesNotFit_IsRefused_AndChangesNothing()
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        var (begun, release) = Script.Hang("charge");
        await StartAsync<ConsoleSaga>();
        await begun.Soon();
        var before = await StatusAsync();

        foreach (var action in new[] { "retry", "compensate", "give-up" })
        {
            var refusal = await app.ActAsync($"saga/{action}", new { id = Id, reason = "r" }, HttpStatusCode.Conflict);
            Assert.Equal("urn:orleanspatterns:management:refused", (string?)refusal["type"]);
        }

        Assert.Equal(before.Revision, (await StatusAsync()).Revision);
        release.SetResult();
        Assert.Equal(SagaPhase.Completed, (await EndAsync()).Phase);
        await app.ActAsync("saga/cancel", new { id = Id, reason = "r" }, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task SagaThatDoesNotExist_IsNotFound()
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        Assert.Equal("urn:orleanspatterns:management:not-found", (string?)(await app.ReadAsync("saga?id=none", HttpStatusCode.NotFound))["type"]);
        await app.ActAsync("saga/retry", new { id = "none", reason = "r" }, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pages_HaveEachSagaOnce()
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        _isDown = false;
        string[] ids = [.. Enumerable.Range(0, 7).Select(number => $"{Id}-{number}")];
        foreach (var id in ids)
        {
            _ = new SagaScript(id);
            await StartAsync<ConsoleSaga>(id);
            await EndAsync(id);
            await SettledAsync(id);
        }

        var (found, cursor) = (new List<string>(), "");
        do
        {
            var page = await app.ReadAsync($"sagas?search={Id}&limit=3&cursor={cursor}");
            found.AddRange(page["items"]!.AsArray().Select(item => (string)item!["id"]!));
            cursor = (string?)page["next"] ?? "";
        }
        while (cursor.Length > 0);
        Assert.Equal(ids, found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("phase=stuck")]
    [InlineData("phase=None")]
    [InlineData("phase=5")]
    [InlineData("attribute=order")]
    [InlineData("minAgeSeconds=-1")]
    [InlineData("minAgeSeconds=NaN")]
    public async Task Question_ThatIsOutOfBounds_IsRefused(string query)
    {
        await using var app = await ManagementApp.StartAsync(Fixture.Cluster);
        Assert.Equal("urn:orleanspatterns:management:invalid", (string?)(await app.ReadAsync($"sagas?{query}", HttpStatusCode.BadRequest))["type"]);
    }

    private async Task StickAsync()
    {
        Script.On("charge", _ =>
        {
            if (_isDown)
            {
                throw new InvalidOperationException("<script>no bank</script>");
            }
        });
        await StartAsync<ConsoleSaga>();
        Assert.Equal("Stuck reserve=Succeeded charge=Unknown ship=Pending", Show(await EndAsync()));
        await SettledAsync();
    }

    [SagaName("console")]
    private sealed class ConsoleSaga : Saga<OrderData>
    {
        protected override void Define(ISagaBuilder<OrderData> saga)
        {
            var once = new SagaRetry { MaxAttempts = 1 };
            saga.SearchAttribute("order", data => data.Order);
            saga.Step("reserve").Do(SagaScript.RunAsync).Compensate(SagaScript.RunAsync);
            saga.Step("charge").Do(SagaScript.RunAsync).Retry(once).Pivot();
            saga.Step("ship").Do(SagaScript.RunAsync);
        }
    }

    public sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddSaga<ConsoleSaga, OrderData>();
    }
}
