using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Signals, delays and conditions. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesWaitTests
{
    private const string Taken = "NotAwaited Its step is Succeeded and takes one. Give a repeated call the same signalId.";

    /// <summary>a, signal go (100 s, else undone), b, signal end (50 s, else on).</summary>
    [Theory]
    [InlineData("+a", "Running/a=Succeeded (1)/go=Waiting @100", "")]
    [InlineData("go!", "Running/a=Running 1", "Accepted")]
    [InlineData("go! +a", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", "")]
    [InlineData("+a go!", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", "Accepted")]
    [InlineData("go!1 go!1", "Running/a=Running 1", "Accepted")]
    [InlineData("go!1 go!2", "Running/a=Running 1", "NotAwaited Its step is Pending and takes one. Give a repeated call the same signalId.")]
    [InlineData("go!1 +a go!1", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", "Accepted")]
    [InlineData("go!1 +a go!2", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", Taken)]
    [InlineData("+a go!1 go!1", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", "Accepted")]
    [InlineData("+a go!1 go!2", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", Taken)]
    [InlineData("go!1 end!1", "Running/a=Running 1", "Accepted")]
    [InlineData("go!1 end!1 +a +b", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/end=Succeeded", "")]
    [InlineData("end! +a go! +b", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/end=Succeeded", "")]
    [InlineData("+a go! +b end!", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/end=Succeeded", "Accepted")]
    [InlineData("nix!", "Running/a=Running 1", "UnknownSignal Version 1 of 'test' waits for [go, end]. Correct the name.")]
    [InlineData("a!", "Running/a=Running 1", "UnknownSignal Version 1 of 'test' waits for [go, end]. Correct the name.")]
    [InlineData("+a t99.9", "Running/a=Succeeded (1)/go=Waiting @0.1", "")]
    [InlineData("+a t99.9 go!", "Running/a=Succeeded (1)/go=Succeeded/b=Running 1", "Accepted")]
    [InlineData("+a t100", "Compensating/a=Compensating (1) 1/go=Rejected", "")]
    [InlineData("+a t100 go!", "Compensating/a=Compensating (1) 1/go=Rejected", "Ended It is Compensating: Signal 'go' did not come within 00:01:40.")]
    [InlineData("+a t100 +a go!", "Compensated/a=Compensated (1) (1)/go=Rejected", "Ended It is Compensated: Signal 'go' did not come within 00:01:40.")]
    [InlineData("+a go! +b t50", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/end=Skipped", "")]
    [InlineData("+a go! +b t50 end!", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/end=Skipped", "Ended It is Completed: all steps are done")]
    [InlineData("+a go!1 +b end! go!1", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/end=Succeeded", "Accepted")]
    [InlineData("cancel go!", "Running turning/a=Running 1", "Ended It is Running: It was cancelled.")]
    [InlineData("go! cancel +a", "Compensating/a=Compensating (1) 1", "")]
    [InlineData("+a cancel", "Compensating/a=Compensating (1) 1/go=Skipped", "Requested")]
    [InlineData("+a skip:go", "Running/a=Succeeded (1)/go=Skipped/b=Running 1", "")]
    [InlineData("+a skip:go go!", "Running/a=Succeeded (1)/go=Skipped/b=Running 1", "NotAwaited Its step is Skipped and takes one. Give a repeated call the same signalId.")]
    [InlineData("skip:go", "Running/a=Running 1", "Step 'go' is Pending; only one that the saga is at can be skipped.")]
    [InlineData("x x x x x go!", "Parked/a=Running (5)", "Accepted")]
    [InlineData("x x x x x go! retry +a", "Running/a=Succeeded (6)/go=Succeeded/b=Running 1", "")]
    [InlineData("x x x x x giveup go!", "GivenUp/a=Running (5)", "Ended It is GivenUp: Step 'a' was cut off 5 times by the end of its silo, and may be the cause.")]
    public void Signal_LeadsTo(string commands, string expected, string reply)
    {
        var table = SagaTable.Of(WithSignals, commands);

        Assert.Equal((expected, reply), (table.ToString(), table.Reply));
    }

    [Fact]
    public void Signal_OfTheWrongType_IsRefused()
    {
        var table = SagaTable.Of(WithSignals);

        table.Signal("go", "", "[]");

        Assert.StartsWith("InvalidPayload It is not a OrderData: The JSON value could not be converted", table.Reply, StringComparison.Ordinal);
        Assert.EndsWith(" Send the type that the definition waits for.", table.Reply, StringComparison.Ordinal);
        Assert.Empty(table.Record.Signals);
    }

    [Fact]
    public void Signals_TogetherTooLarge_AreRefused()
    {
        var table = SagaTable.Of(WithSignals);

        table.Signal("go", "1", """{"Order":"é"}""", maxBytes: 28);
        Assert.Equal("Accepted", table.Reply);
        table.Signal("end", "2", """{"Order":"éé"}""", maxBytes: 28);
        Assert.Equal("TooLarge The signals that it keeps would have 30 bytes; SagaOptions.MaxDataBytes is 28. Send a reference instead.", table.Reply);
        table.Signal("end", "2", """{"Order":"é"}""", maxBytes: 28);
        Assert.Equal("Accepted", table.Reply);
    }

    [Fact]
    public void Signal_ThatCame_IsAppliedOnceAndNoLongerKept()
    {
        var table = SagaTable.Of(WithSignals, "go!1");
        Assert.Equal("", SagaJson.Deserialize<OrderData>(table.Record.DataJson).Order);

        table.Play("+a go!1");

        Assert.Equal("of the signal", SagaJson.Deserialize<OrderData>(table.Record.DataJson).Order);
        Assert.Empty(table.Record.Signals);
    }

    /// <summary>Delay d (10 s), a, delay long (from the data).</summary>
    [Theory]
    [InlineData("", "Running/d=Waiting @10", "")]
    [InlineData("t9.9", "Running/d=Waiting @0.1", "")]
    [InlineData("t10", "Running/d=Succeeded/a=Running 1", "a#1")]
    [InlineData("cancel", "Compensated/d=Skipped", "")]
    [InlineData("skip:d", "Running/d=Skipped/a=Running 1", "a#1")]
    [InlineData("t10 +a", "Running/d=Succeeded/a=Succeeded (1)/later=Waiting @20", "")]
    [InlineData("t10 +a t20", "Completed/d=Succeeded/a=Succeeded (1)/later=Succeeded", "")]
    [InlineData("t10 +a cancel", "Compensating/d=Succeeded/a=Compensating (1) 1/later=Skipped", "a~1")]
    public void Delay_LeadsTo(string commands, string expected, string begun) => AssertLeadsTo(
        SagaTable.Of(
            saga =>
            {
                saga.Delay("d", TimeSpan.FromSeconds(10));
                saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                saga.Delay("later", data => TimeSpan.FromSeconds(20 + data.Order.Length));
            },
            commands),
        expected,
        begun);

    [Theory]
    [InlineData(-1, "Completed/d=Succeeded", null)]
    [InlineData(0, "Completed/d=Succeeded", null)]
    [InlineData(3653, "Running/d=Waiting @315619200", null)]
    [InlineData(3654, "Parked", "The delay of step 'd' is 3654.00:00:00; it must be at most 3653.00:00:00.")]
    public void Delay_OfDays_LeadsTo(int days, string expected, string? reason)
    {
        var table = SagaTable.Of(saga => saga.Delay("d", _ => TimeSpan.FromDays(days)));

        Assert.Equal((expected, reason), (table.ToString(), table.Record.StuckReason));
    }

    /// <summary>Each with a condition: step a, signal go, delay d, the last step z without.</summary>
    [Theory]
    [InlineData("", "Running/a=Skipped/go=Skipped/d=Skipped/z=Running 1", "z#1")]
    [InlineData("a", "Running/a=Running 1", "a#1")]
    [InlineData("go", "Running/a=Skipped/go=Waiting", "")]
    [InlineData("d", "Running/a=Skipped/go=Skipped/d=Waiting @1", "")]
    public void Condition_LeadsTo(string holding, string expected, string begun) => AssertLeadsTo(
        SagaTable.Of(saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing).NotCompensatable("test").When(_ => holding == "a");
            saga.WaitFor<OrderData>("go").When(_ => holding == "go");
            saga.Delay("d", TimeSpan.FromSeconds(1)).When(_ => holding == "d");
            saga.Step("z").Do(SagaTable.Nothing);
        }),
        expected,
        begun);

    [Fact]
    public void Computation_ThatFails_ParksUntilRetried()
    {
        var isMended = false;
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("a").Do(SagaTable.Nothing).NotCompensatable("test");
                saga.Step("b").Do(SagaTable.Nothing).When(_ => isMended ? true : throw new InvalidOperationException("broken"));
            },
            "+a");
        Assert.Equal(
            ("Parked/a=Succeeded (1)", "The condition of step 'b' cannot be computed from the data: InvalidOperationException: broken"),
            (table.ToString(), table.Record.StuckReason));
        Assert.Equal("Parked/a=Succeeded (1)", table.Play("retry").ToString());

        isMended = true;

        Assert.Equal("Running/a=Succeeded (1)/b=Running 1", table.Play("retry").ToString());
    }

    private static void AssertLeadsTo(SagaTable table, string expected, string begun) =>
        Assert.Equal((expected, begun), (table.ToString(), table.Begun));

    private static void WithSignals(ISagaBuilder<OrderData> saga)
    {
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
        saga.WaitFor<OrderData>("go").Deadline(TimeSpan.FromSeconds(100)).Apply((data, signal) => data.Order += signal.Order);
        saga.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
        saga.WaitFor<OrderData>("end").Deadline(TimeSpan.FromSeconds(50), SagaDeadlineAction.Continue);
    }
}
