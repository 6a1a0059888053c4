using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

public sealed class BreakerGrainTests(MemoryCluster fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwentyCallers_EachFarBelowTheThroughput_OpenItTogether()
    {
        var grain = Grain();
        for (var caller = 1; caller <= 16; caller++)
        {
            Assert.Equal(BreakerState.Closed, (await grain.ReportAsync(Report(failures: 6)).Soon()).State);
        }

        var status = await grain.GetStatusAsync().Soon();
        Assert.Equal((0, 96, 16), (status.Successes, status.Failures, status.Callers));
        for (var caller = 17; caller <= 20; caller++)
        {
            var snapshot = await grain.ReportAsync(Report(failures: 6)).Soon();
            Assert.Equal((BreakerState.Open, 1L), (snapshot.State, snapshot.Generation));
            Assert.Equal("102 of 102 calls failed within 30 s.", snapshot.Reason);
            Assert.InRange(snapshot.OpenFor, TimeSpan.Zero, Seconds(5.5));
        }
    }

    [Fact]
    public async Task Report_Repeated_CountsOnce()
    {
        var (grain, caller) = (Grain(), Guid.NewGuid());
        for (var repetition = 0; repetition < 3; repetition++)
        {
            await grain.ReportAsync(Report(failures: 60, caller: "one", epoch: caller, sequence: 2)).Soon();
        }

        await grain.ReportAsync(Report(failures: 39, caller: "one", epoch: caller, sequence: 1)).Soon();
        Assert.Equal((60, 1), await FailuresAsync(grain));
        await grain.ReportAsync(Report(failures: 39, caller: "one", epoch: caller, sequence: 3)).Soon();
        Assert.Equal((99, 1), await FailuresAsync(grain));
    }

    [Fact]
    public async Task Open_AfterDeactivation_IsStillOpen()
    {
        var grain = Grain();
        var settings = Defaults with { BreakDuration = Seconds(60) };
        await grain.ReportAsync(Report(failures: 100, settings: settings)).Soon();
        await fixture.Cluster.DeactivateAsync(grain).Soon();
        var snapshot = (await grain.GetStatusAsync().Soon()).Snapshot;
        Assert.Equal((BreakerState.Open, 1L, "100 of 100 calls failed within 30 s."), (snapshot.State, snapshot.Generation, snapshot.Reason));
        Assert.InRange(snapshot.OpenFor, Seconds(34), Seconds(60));
        var reply = await grain.TryAcquireProbeAsync("prober", version: 0, settings).Soon();
        Assert.Equal(0, reply.PermitId);
        Assert.InRange(reply.RetryAfter, Seconds(34), Seconds(60));
    }

    [Fact]
    public async Task Isolated_ByHand_IsPushedToEveryProcess_AndSurvivesDeactivation()
    {
        var dependency = FreshDependency();
        var inClient = fixture.Service<ICircuitBreakerProvider>().Get(dependency);
        var inSilo = fixture.Cluster.GetSiloServiceProvider(fixture.Cluster.Silos[1].SiloAddress)
            .GetRequiredService<ICircuitBreakerProvider>().Get(dependency);
        await inClient.IsolateAsync("moving house", Token).Soon();
        await inSilo.UntilAsync(BreakerState.Isolated);
        await fixture.Cluster.DeactivateAsync(fixture.Cluster.Client.GetBreakerGrain(dependency)).Soon();
        var exception = await Assert.ThrowsAsync<Polly.CircuitBreaker.IsolatedCircuitException>(() => inSilo.ExecuteAsync(_ => Task.CompletedTask, Token));
        Assert.Equal($"The breaker '{dependency}' is held open by hand: moving house", exception.Message);
        Assert.Equal("moving house", (await fixture.Cluster.Client.GetBreakerGrain(dependency).GetStatusAsync().Soon()).Snapshot.Reason);
        await inSilo.CloseAsync(Token).Soon();
        await inClient.UntilAsync(BreakerState.Closed);
        await inClient.ExecuteAsync(_ => Task.CompletedTask, Token).Soon();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(null)]
    public async Task Isolate_WithoutAReason_IsRefused(string? reason)
    {
        var dependency = FreshDependency();
        await Assert.ThrowsAsync<ArgumentException>(() => fixture.Cluster.Client.GetBreakerGrain(dependency).HoldAsync(Isolation(reason!)).Soon());
        await Assert.ThrowsAsync<ArgumentException>(() => fixture.Service<ICircuitBreakerProvider>().Get(dependency).IsolateAsync(reason!, Token).Soon());
    }

    [Fact]
    public async Task Keys_ThatLookAlike_AreApart()
    {
        string[] keys = ["2a", "02a", "2A", "123", "0123", "a+b", "0f953876-d6ef-450f-b223-c80bdd70bcf2"];
        foreach (var key in keys)
        {
            var grain = fixture.Cluster.Client.GetBreakerGrain(key);
            Assert.Equal(BreakerState.Closed, (await grain.GetStatusAsync().Soon()).Snapshot.State);
            await grain.HoldAsync(Isolation($"reason of {key}")).Soon();
        }

        foreach (var key in keys)
        {
            var snapshot = (await fixture.Cluster.Client.GetBreakerGrain(key).GetStatusAsync().Soon()).Snapshot;
            Assert.Equal((1L, $"reason of {key}"), (snapshot.Generation, snapshot.Reason));
        }
    }

    [Fact]
    public async Task Grain_AddressedWithAForeignKey_DoesNotActivate()
    {
        var foreign = fixture.Cluster.Client.GetGrain<IBreakerGrain>(
            GrainId.Create(GrainKeys.GrainTypePrefix + PatternNames.Breaker, $"{PatternNames.Lock}/2a"));
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => foreign.GetStatusAsync().Soon());
        Assert.Contains($"does not start with '{PatternNames.Breaker}/'", exception.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int Failures, int Callers)> FailuresAsync(IBreakerGrain grain)
    {
        var status = await grain.GetStatusAsync().Soon();
        return (status.Failures, status.Callers);
    }

    private IBreakerGrain Grain() => fixture.Cluster.Client.GetBreakerGrain(FreshDependency());
}
