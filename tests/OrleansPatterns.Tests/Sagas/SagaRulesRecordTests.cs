using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Start, answers, times, reasons, history.</summary>
public sealed class SagaRulesRecordTests
{
    private static readonly SagaDefinition Definition = SagaDefinitionTests.Describe(Two).Definition;
    private static readonly SagaStart Wish = new() { Definition = "test", DataJson = """{"Order":"","Trail":[]}""" };

    [Fact]
    public void Start_NewRecord_SaysAllInOneWrite()
    {
        var wish = Wish with { TraceParent = "trace", Parent = SagaTable.Parent };
        var moment = new SagaMoment(SagaTable.Start, "silo", 0, true, 100, 1000);

        var (record, runs) = SagaRules.Start(Definition with { Deadline = TimeSpan.FromHours(1) }, new SagaRecord { Revision = 7 }, wish, moment);

        Assert.Equal([new SagaMove(0, SagaDirection.Action, 1)], runs);
        Assert.Equal(
            ("test", 1, Definition.Fingerprint, 8L),
            (record.Definition, record.Version, record.Fingerprint, record.Revision));
        Assert.Equal((SagaTable.Start, SagaTable.Start.AddHours(1)), (record.StartedAt, record.DeadlineAt!.Value));
        Assert.Equal((SagaTable.Parent, "trace", Wish.DataJson), (record.Parent!, record.TraceParent, record.DataJson));
        Assert.Equal((SagaTable.Start, "silo"), (record.Steps[0].Action.BegunAt!.Value, record.Steps[0].Action.Silo));
    }

    [Fact]
    public void Compare_TellsSameFromOther()
    {
        var started = SagaTable.Of(Definition).Record with { Parent = null };
        Assert.Equal(SagaStartOutcome.Started, SagaRules.Compare(new SagaRecord(), Wish));
        Assert.Equal(SagaStartOutcome.AlreadyStarted, SagaRules.Compare(started, Wish));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(started, Wish with { DataJson = "{ }" }));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(started, Wish with { Definition = "other" }));
        Assert.Equal(SagaStartOutcome.AlreadyStarted, SagaRules.Compare(SagaTable.Of(Definition, "+a +b").Record with { Parent = null }, Wish));
    }

    /// <summary>Its data is made of its parent's, which may have changed between two attempts; whose child it is has not.</summary>
    [Fact]
    public void Compare_OfAChild_GoesByItsParent()
    {
        var child = SagaTable.Of(Definition).Record;
        var wish = Wish with { Parent = SagaTable.Parent };
        Assert.Equal(SagaStartOutcome.AlreadyStarted, SagaRules.Compare(child, wish));
        Assert.Equal(SagaStartOutcome.AlreadyStarted, SagaRules.Compare(child, wish with { DataJson = "{ }" }));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(child, wish with { Definition = "other" }));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(child, wish with { Parent = SagaTable.Parent with { StepName = "other" } }));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(child, Wish));
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(child with { Parent = null }, wish));
    }

    [Fact]
    public void Abandon_OfARecord_RaisesTheRevisionAlone() =>
        Assert.Equal(
            new SagaRecord { Phase = SagaPhase.Stuck, Revision = 3 },
            SagaRules.Abandon(new SagaRecord { Phase = SagaPhase.Stuck, Revision = 2 }, SagaTable.Of(Definition).Moment).Record);

    /// <summary>It has a time from which it may go.</summary>
    [Fact]
    public void Abandon_OfNothing_LeavesARecordThatEnds() =>
        Assert.Equal(
            new SagaRecord { Revision = 3, EndedAt = SagaTable.Start },
            SagaRules.Abandon(new SagaRecord { Revision = 2 }, SagaTable.Of(Definition).Moment).Record);

    [Theory]
    [InlineData("x", 0, false, 1)]
    [InlineData("x", 0, true, 2)]
    [InlineData("x", 0, false, 3)]
    [InlineData("x", 1, false, 2)]
    [InlineData("x", -1, false, 2)]
    [InlineData("x", 7, false, 2)]
    [InlineData("!a", 0, false, 1)]
    [InlineData("~a", 0, false, 1)]
    [InlineData("+a -b", 1, false, 1)]
    [InlineData("+a -b", 0, false, 1)]
    [InlineData("+a +b", 1, false, 1)]
    [InlineData("+a -b x", 0, true, 1)]
    [InlineData("?a giveup", 0, false, 1)]
    public void Complete_AnyButTheOpenAttempt_ChangesNothing(string commands, int step, bool isCompensation, int attempt)
    {
        var direction = isCompensation ? SagaDirection.Compensation : SagaDirection.Action;
        var table = SagaTable.Of(Definition, commands);
        foreach (var outcome in Enum.GetValues<SagaAttemptOutcome>())
        {
            var report = new SagaAttemptReport { Step = step, Direction = direction, Attempt = attempt, Outcome = outcome };
            var decision = SagaRules.Complete(Definition, table.Record, report, table.Moment);
            Assert.Same(table.Record, decision.Record);
            Assert.Empty(decision.Runs);
        }
    }

    [Fact]
    public void Complete_BeforeTheStart_ChangesNothing()
    {
        var report = new SagaAttemptReport { Step = 0, Direction = SagaDirection.Action, Attempt = 1, Outcome = SagaAttemptOutcome.Succeeded };
        Assert.Empty(SagaRules.Complete(Definition, new SagaRecord(), report, new(SagaTable.Start, "silo", 0, true, 100, 1000)).Runs);
    }

    [Fact]
    public void Data_IsThatOfTheLastSuccess()
    {
        var table = SagaTable.Of(Definition);
        Answer("a", SagaAttemptOutcome.Succeeded, "1");
        Answer("b", SagaAttemptOutcome.Failed, "2");
        Assert.Equal("1", table.Record.DataJson);

        void Answer(string step, SagaAttemptOutcome outcome, string data) =>
            table.Take(SagaRules.Complete(Definition, table.Record, table.Answer(step, outcome) with { DataJson = data }, table.Moment));
    }

    /// <summary>Who finds an earlier attempt at work, or its lease lasting, comes again after it and has not failed.</summary>
    [Fact]
    public void Busy_IsTriedAgainAndDoesNotCount()
    {
        var table = SagaTable.Of(Definition);
        for (var attempt = 1; attempt < 20; attempt++)
        {
            var busy = table.Answer("a", SagaAttemptOutcome.Busy) with { RetryAfter = TimeSpan.FromSeconds(7) };
            table.Take(SagaRules.Complete(Definition, table.Record, busy, table.Moment));
            Assert.Equal($"Running/a=Running ({attempt}) @7", table.ToString());
            table.Play("t7");
        }

        Assert.Equal((0, 0), (table.Record.Steps[0].Action.Failed, table.Record.Steps[0].Action.Lost));
    }

    /// <summary>What has been done stands; an operator raises the bound.</summary>
    [Fact]
    public void Data_OverItsBound_Parks()
    {
        var table = SagaTable.Of(Definition);
        table.MaxDataBytes = 100;
        var success = table.Answer("a", SagaAttemptOutcome.Succeeded) with { DataJson = new string('1', 101) };
        table.Take(SagaRules.Complete(Definition, table.Record, success, table.Moment));
        Assert.Equal("Parked/a=Succeeded (1)", table.ToString());
        Assert.Equal("The data has grown to 101 bytes; SagaOptions.MaxDataBytes is 100. Raise it, then retry.", table.Record.StuckReason);

        table.MaxDataBytes = 101;
        Assert.Equal("Running/a=Succeeded (1)/b=Running 1", table.Play("retry").ToString());
    }

    [Fact]
    public void Result_OverItsBound_Parks()
    {
        var table = SagaTable.Of(saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing);
            saga.Result(_ => new string('r', 2000));
        });
        Assert.Equal("Parked/a=Succeeded (1)", table.Play("+a").ToString());
        table.MaxDataBytes = 3000;
        Assert.Equal("Completed/a=Succeeded (1)", table.Play("retry").ToString());
    }

    [Fact]
    public void Result_IsComputedAtTheEnd()
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("a").Do(SagaTable.Nothing).NotCompensatable("test");
                saga.Result(data => data.Trail.Count);
            },
            "+a");
        Assert.Equal(("0", SagaPhase.Completed), (table.Record.ResultJson, table.Record.Phase));
        Assert.Null(SagaTable.Of(Definition, "+a +b").Record.ResultJson);
        Assert.Null(table.Play("undo").Record.ResultJson);
    }

    [Theory]
    [InlineData("+a -b *a", "Step 'b' was rejected: Rejected", "The compensation of step 'a' failed once: FailedForGood")]
    [InlineData("!a t1 !a", "Step 'a' failed 2 times: Failed", null)]
    [InlineData("*a", "Step 'a' failed once: FailedForGood", null)]
    [InlineData("+a cancel !b", "It was cancelled.", null)]
    [InlineData("+a t100", "It was not through by its deadline, 2026-01-01 00:01:40Z.", null)]
    [InlineData("+a +b undo", "The saga that it is a step of is undone.", null)]
    [InlineData("?a compensate", "me: so", null)]
    public void Reasons_AreThoseOfTheFirstCause(string commands, string reason, string? stuckReason)
    {
        var record = SagaTable.Of(Definition with { Deadline = TimeSpan.FromSeconds(100) }, commands).Record;
        Assert.Equal((reason, stuckReason), (record.CompensationReason, record.StuckReason));
    }

    [Fact]
    public void History_TellsEachAttempt()
    {
        var table = SagaTable.Of(Definition, "!a t1 +a x cancel -b +a");

        Assert.Equal(
            "Started, Failed a#1 (Failed), Succeeded a#2, Lost b#1, CancelRequested, TurnedRound (It was cancelled.), Rejected b#2 (Rejected), "
            + "Succeeded a~1, Ended (Compensated)",
            string.Join(", ", table.Record.History.Select(entry => string.Concat(
                entry.Event,
                entry.Attempt > 0 ? $" {entry.Step}{(entry.IsCompensation ? '~' : '#')}{entry.Attempt}" : "",
                entry.Detail is null ? "" : $" ({entry.Detail})"))));
        Assert.All(table.Record.History, entry => Assert.Equal(entry.Attempt > 0 ? "silo" : null, entry.Silo));
        Assert.All(table.Record.History, entry => Assert.Equal(entry.Attempt > 0, entry.BegunAt <= entry.At));
    }

    [Fact]
    public void History_IsBounded()
    {
        var definition = Definition with { Steps = [Definition.Steps[0] with { Retry = new() { MaxAttempts = 100, Delay = TimeSpan.Zero } }] };
        var table = SagaTable.Of(definition);
        table.MaxHistory = 5;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            table.Play("!a");
        }

        table.Take(SagaRules.Complete(definition, table.Record, table.Answer("a", SagaAttemptOutcome.Failed) with { Error = new('e', 2000) }, table.Moment));

        Assert.Equal((5, 17), (table.Record.History.Length, table.Record.HistoryDropped));
        Assert.Equal((1000, 1000), (table.Record.History[^1].Detail!.Length, table.Record.Steps[0].LastError!.Length));
    }

    private static void Two(ISagaBuilder<OrderData> saga)
    {
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Retry(SagaTable.Two);
        saga.Step("b").Do(SagaTable.Nothing).NotCompensatable("test");
    }
}
