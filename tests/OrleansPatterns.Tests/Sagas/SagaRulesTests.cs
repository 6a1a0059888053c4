using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>One step after the other. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesTests
{
    [Theory]
    [InlineData("", "Running/a=Running 1", "a#1")]
    [InlineData("+a", "Running/a=Succeeded (1)/b=Running 1", "b#1")]
    [InlineData("+a +b", "Running/a=Succeeded (1)/b=Succeeded (1)/c=Running 1", "c#1")]
    [InlineData("+a +b +c", "Completed/a=Succeeded (1)/b=Succeeded (1)/c=Succeeded (1)", "")]
    [InlineData("-a", "Compensated/a=Rejected (1)", "")]
    [InlineData("+a -b", "Compensating/a=Compensating (1) 1/b=Rejected (1)", "a~1")]
    [InlineData("+a -b +a", "Compensated/a=Compensated (1) (1)/b=Rejected (1)", "")]
    [InlineData("!a", "Running/a=Running (1) @0.2", "")]
    [InlineData("!a r", "Running/a=Running (1) @0.2", "")]
    [InlineData("!a t0.1", "Running/a=Running (1) @0.1", "")]
    [InlineData("!a t0.2", "Running/a=Running 2", "a#2")]
    [InlineData("!a t1 +a", "Running/a=Succeeded (2)/b=Running 1", "b#1")]
    [InlineData("!a t1 !a", "Compensating/a=Compensating (2) 1?", "a~1")]
    [InlineData("!a t1 -a", "Compensated/a=Rejected (2)", "")]
    [InlineData("*a", "Compensating/a=Compensating (1) 1?", "a~1")]
    [InlineData("+a !b t1 !b +b", "Compensating/a=Compensating (1) 1/b=Compensated (2) (1)?", "a~1")]
    [InlineData("+a +b !c t1 !c", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Unknown (2)?", "b~1")]
    [InlineData("+a +b -c", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Rejected (1)", "b~1")]
    [InlineData("+a -b !a", "Compensating/a=Compensating (1) (1) @0.2/b=Rejected (1)", "")]
    [InlineData("+a -b !a t1 !a", "Stuck/a=CompensationFailed (1) (2)/b=Rejected (1)", "")]
    [InlineData("+a -b !a t1 -a", "Stuck/a=CompensationFailed (1) (2)/b=Rejected (1)", "")]
    [InlineData("+a -b *a", "Stuck/a=CompensationFailed (1) (1)/b=Rejected (1)", "")]
    [InlineData("+a -b !a t1 !a retry", "Compensating/a=Compensating (1) 3/b=Rejected (1)", "a~3")]
    [InlineData("+a -b !a t1 !a retry !a t1 !a", "Stuck/a=CompensationFailed (1) (4)/b=Rejected (1)", "")]
    [InlineData("+a -b !a t1 !a retry +a", "Compensated/a=Compensated (1) (3)/b=Rejected (1)", "")]
    [InlineData("r r", "Running/a=Running 1", "")]
    [InlineData("x", "Running/a=Running 2", "a#2")]
    [InlineData("x x x x", "Running/a=Running 5", "a#5")]
    [InlineData("x x x x !a", "Running/a=Running (5) @0.2", "")]
    [InlineData("~a", "Running/a=Running 2", "a#2")]
    [InlineData("~a ~a ~a ~a ~a ~a", "Running/a=Running 7", "a#7")]
    [InlineData("+a -b ~a", "Compensating/a=Compensating (1) 2/b=Rejected (1)", "a~2")]
    [InlineData("+a -b x x x x", "Compensating/a=Compensating (1) 5/b=Rejected (1)", "a~5")]
    [InlineData("cancel", "Running turning/a=Running 1", "")]
    [InlineData("cancel cancel", "Running turning/a=Running 1", "")]
    [InlineData("cancel +a", "Compensating/a=Compensating (1) 1", "a~1")]
    [InlineData("cancel -a", "Compensated/a=Rejected (1)", "")]
    [InlineData("cancel !a", "Compensating/a=Compensating (1) 1?", "a~1")]
    [InlineData("cancel *a", "Compensating/a=Compensating (1) 1?", "a~1")]
    [InlineData("cancel ~a", "Compensating/a=Compensating (1) 1?", "a~1")]
    [InlineData("cancel x", "Compensating/a=Compensating (1) 1?", "a~1")]
    [InlineData("!a cancel", "Compensating/a=Compensating (1) 1?", "a~1")]
    [InlineData("+a +b cancel +c", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Succeeded (1)", "b~1")]
    [InlineData("+a +b cancel !c", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Unknown (1)?", "b~1")]
    [InlineData("+a +b +c cancel", "Completed/a=Succeeded (1)/b=Succeeded (1)/c=Succeeded (1)", "")]
    [InlineData("+a -b cancel", "Compensating/a=Compensating (1) 1/b=Rejected (1)", "")]
    [InlineData("+a -b +a cancel r", "Compensated/a=Compensated (1) (1)/b=Rejected (1)", "")]
    [InlineData("+a +b +c undo", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Succeeded (1)", "b~1")]
    [InlineData("+a +b +c undo undo +b +a", "Compensated/a=Compensated (1) (1)/b=Compensated (1) (1)/c=Succeeded (1)", "")]
    [InlineData("+a undo", "Running turning/a=Succeeded (1)/b=Running 1", "")]
    [InlineData("+a -b +a undo", "Compensated/a=Compensated (1) (1)/b=Rejected (1)", "")]
    public void Commands_InOrder_LeadTo(string commands, string expected, string begun)
    {
        var table = SagaTable.Of(Sequence, commands);

        Assert.Equal((expected, begun), (table.ToString(), table.Begun));
    }

    private static void Sequence(ISagaBuilder<OrderData> saga)
    {
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Retry(SagaTable.Two).RetryCompensation(SagaTable.Two);
        saga.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Retry(SagaTable.Two).RetryCompensation(SagaTable.Two);
        saga.Step("c").Do(SagaTable.Nothing).Retry(SagaTable.Two).NotCompensatable("test");
    }
}
