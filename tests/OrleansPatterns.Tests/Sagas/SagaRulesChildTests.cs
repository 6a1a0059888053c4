using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Steps that are sagas, and sagas that are steps. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesChildTests
{
    /// <summary>a, kid, b; all can be undone.</summary>
    [Theory]
    [InlineData("+a", "Running/a=Succeeded (1)/kid=Running 1", "kid#1")]
    [InlineData("+a +kid", "Running/a=Succeeded (1)/kid=Waiting (1)", "")]
    [InlineData("+a +kid kid=Completed", "Running/a=Succeeded (1)/kid=Succeeded (1)/b=Running 1", "b#1")]
    [InlineData("+a kid=Completed", "Running/a=Succeeded (1)/kid=Succeeded (1)/b=Running 1", "b#1")]
    [InlineData("+a +kid kid=Completed kid=Completed", "Running/a=Succeeded (1)/kid=Succeeded (1)/b=Running 1", "")]
    [InlineData("+a +kid kid=Compensated", "Compensating/a=Compensating (1) 1/kid=Rejected (1)", "a~1")]
    [InlineData("+a kid=Compensated", "Compensating/a=Compensating (1) 1/kid=Rejected (1)", "a~1")]
    [InlineData("+a +kid kid=GivenUp", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1?", "kid~1")]
    [InlineData("+a !kid kid=Completed", "Running/a=Succeeded (1)/kid=Succeeded (1)/b=Running 1", "b#1")]
    [InlineData("+a !kid t1 +kid", "Running/a=Succeeded (1)/kid=Waiting (2)", "")]
    [InlineData("+a x +kid", "Running/a=Succeeded (1)/kid=Waiting (2)", "")]
    [InlineData("+a *kid", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1?", "kid~1")]
    [InlineData("+a +kid cancel", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1?", "kid~1")]
    [InlineData("+a cancel", "Running turning/a=Succeeded (1)/kid=Running 1", "")]
    [InlineData("+a cancel +kid", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1?", "kid~1")]
    [InlineData("+a cancel kid=Completed", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1", "kid~1")]
    [InlineData("+a +kid cancel kid=Completed", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1?", "")]
    [InlineData("+a +kid cancel +kid", "Compensating/a=Compensating (1) 1/kid=Compensated (1) (1)?", "a~1")]
    [InlineData("+a +kid kid=Completed *b", "Compensating/a=Succeeded (1)/kid=Succeeded (1)/b=Compensating (1) 1?", "b~1")]
    [InlineData("+a +kid kid=Completed *b +b", "Compensating/a=Succeeded (1)/kid=Compensating (1) 1/b=Compensated (1) (1)?", "kid~1")]
    [InlineData("+a +kid kid=Completed *b +b +kid +a", "Compensated/a=Compensated (1) (1)/kid=Compensated (1) (1)/b=Compensated (1) (1)?", "")]
    [InlineData("+a +kid skip:kid", "Running/a=Succeeded (1)/kid=Waiting (1)", "")]
    [InlineData("kid=Completed", "Running/a=Running 1", "")]
    [InlineData("a=Completed", "Running/a=Running 1", "")]
    [InlineData("nix=Completed", "Running/a=Running 1", "")]
    [InlineData("+a missing kid=Completed", "Parked/a=Succeeded (1)/kid=Succeeded (1)", "")]
    [InlineData("+a missing kid=Completed r", "Running/a=Succeeded (1)/kid=Succeeded (1)/b=Running 1", "b#1")]
    public void Child_LeadsTo(string commands, string expected, string begun)
    {
        var table = SagaTable.Of(WithChild, commands);

        Assert.Equal((expected, begun), (table.ToString(), table.Begun));
    }

    [Theory]
    [InlineData("kid=Compensated", "Stuck/p=Succeeded (1)/kid=Rejected (1)")]
    [InlineData("kid=Compensated retry", "Running/p=Succeeded (1)/kid=Running 2")]
    [InlineData("kid=GivenUp", "Stuck/p=Succeeded (1)/kid=Unknown (1)?")]
    [InlineData("kid=GivenUp skip:kid", "Completed/p=Succeeded (1)/kid=Skipped (1)?")]
    [InlineData("kid=Completed", "Completed/p=Succeeded (1)/kid=Succeeded (1)")]
    public void Child_AfterThePivot_LeadsTo(string commands, string expected)
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("p").Do(SagaTable.Nothing).Pivot();
                saga.Child<OrderSaga, OrderData>("kid", data => data);
            },
            "+p +kid " + commands);

        Assert.Equal(expected, table.ToString());
    }

    [Fact]
    public void Child_NotCompensatable_IsPassedOver()
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Child<OrderSaga, OrderData>("kid", data => data).NotCompensatable("test");
                saga.Step("b").Do(SagaTable.Nothing);
            },
            "+kid cancel");

        Assert.Equal("Compensated/kid=Unknown (1)?", table.ToString());
    }

    [Fact]
    public void Child_Completed_GivesItsDataOnce()
    {
        var table = SagaTable.Of(WithChild, "+a +kid kid=Completed kid=Completed");

        Assert.Equal("of the child", SagaJson.Deserialize<OrderData>(table.Record.DataJson).Order);
        Assert.Equal("Completed. why", Assert.Single(table.Record.History, entry => entry.Event == SagaEvent.ChildEnded).Detail);
    }

    [Fact]
    public void Child_WhoseDataCannotBeApplied_ParksAndHearsItAgain()
    {
        var isMended = false;
        var table = SagaTable.Of(
            saga => saga.Child<OrderSaga, OrderData>("kid", data => data)
                .Apply((_, _) => Assert.True(isMended, "broken")),
            "+kid kid=Completed");
        Assert.Equal("Parked/kid=Waiting (1)", table.ToString());
        Assert.StartsWith("What step 'kid' takes from its child cannot be computed", table.Record.StuckReason, StringComparison.Ordinal);

        isMended = true;

        Assert.Equal("Running/kid=Waiting (1)", table.Play("retry").ToString());
        Assert.Equal("Completed/kid=Succeeded (1)", table.Play("kid=Completed").ToString());
    }

    /// <summary>The child's side, with a and b.</summary>
    [Theory]
    [InlineData("undo", "Running turning/a=Running 1", "")]
    [InlineData("+a undo", "Running turning/a=Succeeded (1)/b=Running 1", "")]
    [InlineData("+a +b undo", "Compensating/a=Succeeded (1)/b=Compensating (1) 1", "")]
    [InlineData("+a +b undo +b +a undo", "Compensated/a=Compensated (1) (1)/b=Compensated (1) (1)", "")]
    [InlineData("+a -b *a undo", "Stuck/a=CompensationFailed (1) (1)/b=Rejected (1)", "")]
    [InlineData("+a ?b undo", "Compensating/a=Succeeded (1)/b=Compensating (1) 1?", "")]
    [InlineData("+a ?b giveup undo", "GivenUp/a=Succeeded (1)/b=Running (1)", "It was given up by an operator.")]
    public void Undo_OfAChild_LeadsTo(string commands, string expected, string refusal)
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                saga.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
            },
            commands);

        Assert.Equal((expected, refusal), (table.ToString(), table.Reply));
    }

    [Theory]
    [InlineData("undo", "Running turning/a=Running 1", "")]
    [InlineData("+a undo", "Running/a=Succeeded (1)/p=Running 1", "")]
    [InlineData("+a +p undo", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "It is past its pivot.")]
    [InlineData("+a +p +z undo", "Completed/a=Succeeded (1)/p=Succeeded (1)/z=Succeeded (1)", "It is completed, and past its pivot.")]
    public void Undo_OfAChildWithAPivot_LeadsTo(string commands, string expected, string refusal)
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                saga.Step("p").Do(SagaTable.Nothing).Pivot();
                saga.Step("z").Do(SagaTable.Nothing);
            },
            commands);

        Assert.Equal((expected, refusal), (table.ToString(), table.Reply));
    }

    [Fact]
    public void Undo_BeforeTheStart_TakesTheId()
    {
        var definition = SagaDefinitionTests.Describe(saga => saga.Step("a").Do(SagaTable.Nothing)).Definition;
        var moment = new SagaMoment(SagaTable.Start, "silo", 0, true, 100, 1000);
        var (decision, reply) = SagaRules.Undo(null, new SagaRecord(), SagaTable.Parent, "test", moment);
        var undone = decision.Record;

        Assert.Equal(
            (SagaUndoReply.Undoing, SagaPhase.Compensated, 1L), (reply, undone.Phase, undone.Revision));
        Assert.Equal((SagaTable.Parent, SagaTable.Start), (undone.Parent, undone.EndedAt!.Value));
        Assert.Equal("It was undone before it began.", undone.CompensationReason);
        Assert.Equal(SagaStartOutcome.Conflict, SagaRules.Compare(undone, new SagaStart { Definition = "test", DataJson = "{}" }));

        var (again, sameReply) = SagaRules.Undo(definition, undone, SagaTable.Parent, "test", moment);
        Assert.Same(undone, again.Record);
        Assert.Equal(SagaUndoReply.Undoing, sameReply);
    }

    /// <summary>The id was taken when the parent tried to start its child: whoever has it is none of its business.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("+a")]
    public void Undo_OfSomebodyElsesSaga_LeavesItAlone(string commands)
    {
        var table = SagaTable.Of(saga => saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing), commands);
        foreach (var record in new[] { table.Record with { Parent = null }, table.Record with { Parent = SagaTable.Parent with { SagaId = "other" } } })
        {
            var (decision, reply) = SagaRules.Undo(null, record, SagaTable.Parent, "test", table.Moment);
            Assert.Same(record, decision.Record);
            Assert.Equal(SagaUndoReply.NothingToUndo, reply);
        }
    }

    private static void WithChild(ISagaBuilder<OrderData> saga)
    {
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
        saga.Child<OrderSaga, OrderData>("kid", data => data).Apply((data, child) => data.Order += child.Order);
        saga.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
    }
}
