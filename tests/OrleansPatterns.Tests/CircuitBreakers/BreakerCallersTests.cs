using OrleansPatterns.CircuitBreakers;
using static OrleansPatterns.Tests.CircuitBreakers.BreakerCommands;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>Callers that fare differently, on a real cluster in memory.</summary>
public sealed class BreakerCallersTests(MemoryCluster fixture)
{
    private readonly IBreakerGrain _grain = fixture.Cluster.Client.GetBreakerGrain(FreshDependency());

    [Fact]
    public async Task OneBadCaller_IsCutOffAlone_AcrossActivations_AndVisibly()
    {
        await _grain.ReportAsync(Report(failures: 0, successes: 60, caller: "good")).Soon();
        var bad = await _grain.ReportAsync(Report(failures: 60, caller: "bad")).Soon();
        Assert.Equal((BreakerState.LocalOpen, "60 of 120 calls failed within 30 s."), (bad.State, bad.Reason));
        Assert.InRange(bad.OpenFor, TimeSpan.FromTicks(1), Seconds(5.5));

        await fixture.Cluster.DeactivateAsync(_grain).Soon();
        Assert.Equal(BreakerState.LocalOpen, (await _grain.ReportAsync(Report(0, caller: "bad")).Soon()).State);
        Assert.Equal(BreakerState.Closed, (await _grain.ReportAsync(Report(0, caller: "good")).Soon()).State);

        var status = await _grain.GetStatusAsync().Soon();
        Assert.Equal((BreakerState.Closed, BreakerState.LocalOpen), (status.Snapshot.State, Assert.Single(status.ByCaller).State));
        var transition = Assert.Single(status.History);
        Assert.Equal((BreakerState.Closed, BreakerState.LocalOpen), (transition.From, transition.To));
        Assert.Equal(["bad"], transition.OnlyCallers);
        Assert.Equal([("bad", 60, 0), ("good", 0, 60)], transition.Callers.Select(caller => (caller.Caller, caller.Failures, caller.Successes)));
    }

    [Fact]
    public async Task SettingsOfTheSecondCaller_DoNotCount_AndItIsTold()
    {
        var others = Defaults with { FailureRatio = 0.9 };
        Assert.Null((await _grain.ReportAsync(Report(failures: 60, caller: "first")).Soon()).OtherSettings);
        var told = await _grain.ReportAsync(Report(failures: 60, successes: 60, caller: "second", settings: others)).Soon();
        Assert.Equal((BreakerState.Open, Defaults, "first"), (told.State, told.OtherSettings, told.OtherSettingsFrom));
    }

    [Theory]
    [InlineData(BreakerState.ForcedClosed, 100, 1)]
    [InlineData(BreakerState.MetricsOnly, 0, 2)]
    [InlineData(BreakerState.Disabled, 0, 1)]
    public async Task HeldOtherThanOpen_NeverOpens(BreakerState state, int failures, int transitions)
    {
        var byHand = new BreakerOverride { State = state, Reason = "trying out", Author = "me" };
        var held = await _grain.HoldAsync(byHand).Soon();
        var reply = await _grain.ReportAsync(Report(failures: 100, generation: held.Generation)).Soon();
        Assert.Equal(state, reply.State);
        await fixture.Cluster.DeactivateAsync(_grain).Soon();
        Assert.Equal(state, (await _grain.GetStatusAsync().Soon()).Snapshot.State);

        var status = await HoldAnewAsync(byHand);
        Assert.Equal((failures, transitions, byHand), (status.Failures, status.History.Length, status.Override));
        Assert.Equal(("me", state), (status.History[0].Author, status.History[0].To));

        // What would have opened it stands in the history of one that only measures.
        Assert.Equal(transitions > 1 ? BreakerState.Open : state, status.History[^1].To);
    }

    /// <summary>Left behind in a silo that was paused, it lands when that goes on.</summary>
    [Fact]
    public async Task AttemptThatComesLate_BehindAnotherDecision_ChangesNothing()
    {
        var (isolation, closing) = (Guid.NewGuid(), Guid.NewGuid());
        var byHand = BreakerCommands.Isolation("moving house");
        Assert.Equal(BreakerState.Isolated, (await _grain.HoldAsync(byHand, isolation).Soon()).State);
        Assert.Equal(BreakerState.Closed, (await _grain.CloseAsync("ann", closing).Soon()).State);
        Assert.Equal(BreakerState.Closed, (await _grain.HoldAsync(byHand, isolation).Soon()).State);

        Assert.Equal(BreakerState.Isolated, (await _grain.HoldAsync(byHand, Guid.NewGuid()).Soon()).State);
        Assert.Equal(BreakerState.Isolated, (await _grain.CloseAsync("ann", closing).Soon()).State);
        var status = await _grain.GetStatusAsync().Soon();
        Assert.Equal([BreakerState.Isolated, BreakerState.Closed, BreakerState.Isolated], status.History.Select(change => change.To));
    }

    [Theory]
    [InlineData(BreakerState.Open, "why", null, 60, "A breaker is held by hand as Isolated, ForcedClosed, MetricsOnly or Disabled. Close it with CloseAsync.")]
    [InlineData(BreakerState.Isolated, "", null, 60, "A reason has 1 to 512 characters, for whoever finds the breaker open; this one has 0.")]
    [InlineData(BreakerState.Isolated, "why", " ", 60, "An author has 1 to 128 characters, for whoever wants to ask back; this one has 1.")]
    [InlineData(BreakerState.Isolated, "why", null, 0, "ExpiresAfter is 00:00:01 to 365.00:00:00. Leave it null to hold the breaker until it is closed by hand.")]
    public async Task Hold_OutOfBounds_IsRefusedAndNothingWritten(BreakerState state, string reason, string? author, int seconds, string message)
    {
        var byHand = new BreakerOverride { State = state, Reason = reason, Author = author, ExpiresAfter = Seconds(seconds) };
        var exception = await Assert.ThrowsAnyAsync<ArgumentException>(() => _grain.HoldAsync(byHand).Soon());
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await _grain.GetStatusAsync().Soon()).Snapshot.Version);
    }

    /// <summary>The counts are those of the present activation, so they are made again.</summary>
    private async Task<BreakerStatus> HoldAnewAsync(BreakerOverride byHand)
    {
        await _grain.CloseAsync("test").Soon();
        var held = await _grain.HoldAsync(byHand).Soon();
        await _grain.ReportAsync(Report(failures: 100, generation: held.Generation)).Soon();
        var status = await _grain.GetStatusAsync().Soon();
        var from = status.History.Last(transition => transition.Author == byHand.Author);
        return status with { History = [.. status.History.Where(transition => transition.Version >= from.Version)] };
    }
}
