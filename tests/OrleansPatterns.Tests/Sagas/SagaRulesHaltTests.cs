using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What parks a saga, and definitions that are missing. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesHaltTests
{
    private static readonly SagaDefinition Definition = SagaDefinitionTests.Describe(Two).Definition;

    [Theory]
    [InlineData("x x x x", "Running/a=Running 5", null)]
    [InlineData("x x x x x", "Parked/a=Running (5)", "Step 'a' was cut off 5 times by the end of its silo, and may be the cause.")]
    [InlineData("x x x x x retry", "Running/a=Running 6", null)]
    [InlineData("x x x x x retry x x x x", "Running/a=Running 10", null)]
    [InlineData("x x x x x compensate", "Compensating/a=Compensating (5) 1?", null)]
    [InlineData("x x x x x cancel", "Compensating/a=Compensating (5) 1?", null)]
    [InlineData("x x x x x skip:a", "Running/a=Skipped (5)/b=Running 1", null)]
    [InlineData("x x ~a x x ~a !a t1 ~a", "Running/a=Running 9", null)]
    [InlineData("x x x x cancel x", "Parked/a=Running (5)", "Step 'a' was cut off 5 times by the end of its silo, and may be the cause.")]
    [InlineData("x x x x cancel x retry", "Compensating/a=Compensating (5) 1?", null)]
    [InlineData("+a x x x x x", "Parked/a=Succeeded (1)/b=Running (5)", "Step 'b' was cut off 5 times by the end of its silo, and may be the cause.")]
    [InlineData("+a -b x x x x", "Compensating/a=Compensating (1) 5/b=Rejected (1)", null)]
    [InlineData("+a -b x x x x x", "Parked/a=Compensating (1) (5)/b=Rejected (1)", "The compensation of step 'a' was cut off 5 times by the end of its silo, and may be the cause.")]
    [InlineData("+a -b x x x x x retry", "Compensating/a=Compensating (1) 6/b=Rejected (1)", null)]
    [InlineData("+a -b x x x x x skip:a", "Compensated/a=CompensationSkipped (1) (5)/b=Rejected (1)", null)]
    [InlineData("+a -b x x x x x cancel", "Parked/a=Compensating (1) (5)/b=Rejected (1)", "The compensation of step 'a' was cut off 5 times by the end of its silo, and may be the cause.")]
    [InlineData("?a", "Parked/a=Running (1)", "Step 'a' cannot read the data: Unreadable")]
    [InlineData("?a retry", "Running/a=Running 2", null)]
    [InlineData("?a compensate", "Compensating/a=Compensating (1) 1?", null)]
    [InlineData("+a -b ?a", "Parked/a=Compensating (1) (1)/b=Rejected (1)", "The compensation of step 'a' cannot read the data: Unreadable")]
    [InlineData("+a -b ?a retry", "Compensating/a=Compensating (1) 2/b=Rejected (1)", null)]
    [InlineData("?a r", "Parked/a=Running (1)", "Step 'a' cannot read the data: Unreadable")]
    [InlineData("missing", "Parked/a=Running 1", "It is missing.")]
    [InlineData("missing missing", "Parked/a=Running 1", "It is missing.")]
    [InlineData("missing x", "Running/a=Running 2", null)]
    [InlineData("!a missing r", "Running/a=Running 2", null)]
    [InlineData("missing retry", "Running/a=Running 1", null)]
    [InlineData("missing cancel", "Running turning/a=Running 1", null)]
    [InlineData("missing +a", "Parked/a=Succeeded (1)", "It is missing.")]
    [InlineData("missing +a r", "Running/a=Succeeded (1)/b=Running 1", null)]
    [InlineData("+a -b missing", "Parked/a=Compensating (1) 1/b=Rejected (1)", "It is missing.")]
    [InlineData("+a -b missing x", "Compensating/a=Compensating (1) 2/b=Rejected (1)", null)]
    [InlineData("?a missing x", "Parked/a=Running (1)", "Step 'a' cannot read the data: Unreadable")]
    [InlineData("+a +b missing", "Completed/a=Succeeded (1)/b=Succeeded (1)", null)]
    public void Halt_LeadsTo(string commands, string expected, string? reason)
    {
        var table = SagaTable.Of(Definition, commands);

        Assert.Equal((expected, reason), (table.ToString(), table.Record.StuckReason));
        Assert.Equal(table.Record.IsHalted, table.Record.StuckIn != SagaPhase.None);
        Assert.True(!table.Record.IsHalted || table.NextDue is null);
    }

    [Fact]
    public void Cancel_WithoutTheDefinition_IsNotedOnceAndDoneLater()
    {
        var table = SagaTable.Of(Definition, "!a");
        Cancel();
        var noted = table.Record;
        Cancel();

        Assert.Same(noted, table.Record);
        Assert.Equal("Running/a=Running (1) @0.2", table.ToString());
        Assert.Equal("Compensating/a=Compensating (1) 1?", table.Play("r").ToString());

        void Cancel()
        {
            var (decision, outcome) = SagaRules.Cancel(null, table.Record, table.Moment);
            table.Take(decision, outcome.ToString());
            Assert.Equal("Requested", table.Reply);
        }
    }

    [Fact]
    public void Mismatch_NamesWhatIsMissing()
    {
        var record = SagaTable.Of(Definition).Record;

        Assert.Null(SagaRules.Mismatch(Definition, record));
        Assert.Equal(
            "Version 1 of saga definition 'test' is not registered on this silo. Register it on every silo; the saga then goes on by itself.",
            SagaRules.Mismatch(null, record));
        Assert.Equal(
            "Version 1 of saga definition 'test' has the steps [a], but this saga began with [a, b]. "
            + "Give changed steps a new version and register the old one as well; the saga then goes on by itself.",
            SagaRules.Mismatch(Definition with { Steps = Definition.Steps[..1], Fingerprint = "0" }, record));
        Assert.Equal(
            $"Version 1 of saga definition 'test' has the fingerprint 0, but this saga began with {Definition.Fingerprint}: the steps [a, b] have kept "
            + "their names, and changed in kind, grouping, condition, pivot or in what can be undone. "
            + "Give changed steps a new version and register the old one as well; the saga then goes on by itself.",
            SagaRules.Mismatch(Definition with { Fingerprint = "0" }, record));
        Assert.Null(SagaRules.Mismatch(Definition, record with { Fingerprint = "" }));
    }

    [Fact]
    public void Intervene_WithAnotherDefinition_IsRefusedExceptToGiveUp()
    {
        var table = SagaTable.Of(Definition, "?a");
        foreach (var kind in new[] { SagaInterventionKind.Retry, SagaInterventionKind.Skip, SagaInterventionKind.Compensate })
        {
            var (decision, fault) = Intervene(kind);
            Assert.Same(table.Record, decision.Record);
            Assert.Equal(SagaRules.Mismatch(null, table.Record), fault);
        }

        Assert.Equal(SagaPhase.GivenUp, Intervene(SagaInterventionKind.GiveUp).Decision.Record.Phase);

        (SagaDecision Decision, string? Fault) Intervene(SagaInterventionKind kind) => SagaRules.Intervene(
            null, table.Record, new() { Kind = kind, By = "me", Reason = "so", Step = "a" }, (_, _) => false, table.Moment);
    }

    private static void Two(ISagaBuilder<OrderData> saga)
    {
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
        saga.Step("b").Do(SagaTable.Nothing);
    }
}
