using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Before, at and after the point of no return. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesPivotTests
{
    [Theory]
    [InlineData("-a", "Compensated/a=Rejected (1)", "")]
    [InlineData("+a -p", "Compensating/a=Compensating (1) 1/p=Rejected (1)", "")]
    [InlineData("+a !p", "Running/a=Succeeded (1)/p=Running (1) @0.2", "")]
    [InlineData("+a !p t1 !p", "Stuck/a=Succeeded (1)/p=Unknown (2)?", "")]
    [InlineData("+a *p", "Stuck/a=Succeeded (1)/p=Unknown (1)?", "")]
    [InlineData("+a *p retry", "Running/a=Succeeded (1)/p=Running 2", "")]
    [InlineData("+a *p skip:p", "Running/a=Succeeded (1)/p=Skipped (1)?/z=Running 1", "")]
    [InlineData("+a *p compensate", "Compensating/a=Compensating (1) 1/p=Rejected (1)?", "")]
    [InlineData("+a *p giveup", "GivenUp/a=Succeeded (1)/p=Unknown (1)?", "")]
    [InlineData("+a *p cancel", "Stuck/a=Succeeded (1)/p=Unknown (1)?", "Requested")]
    [InlineData("+a +p", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "")]
    [InlineData("+a +p -z", "Stuck/a=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "")]
    [InlineData("+a +p -z retry", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 2", "")]
    [InlineData("+a +p -z retry +z", "Completed/a=Succeeded (1)/p=Succeeded (1)/z=Succeeded (2)", "")]
    [InlineData("+a +p -z skip:z", "Completed/a=Succeeded (1)/p=Succeeded (1)/z=Skipped (1)", "")]
    [InlineData("+a +p -z compensate", "Stuck/a=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "It is past its pivot 'p'; retry, skip or give up.")]
    [InlineData("+a +p -z cancel", "Stuck/a=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "TooLate")]
    [InlineData("+a +p -z giveup", "GivenUp/a=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "")]
    [InlineData("+a +p *z", "Stuck/a=Succeeded (1)/p=Succeeded (1)/z=Unknown (1)?", "")]
    [InlineData("+a +p *z retry", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 2", "")]
    [InlineData("+a +p !z t1 !z t1 !z t1 !z", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running (4) @1.6", "")]
    [InlineData("+a +p !z t1 !z t1 !z cancel", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running (3) @0.8", "TooLate")]
    [InlineData("+a +p +z", "Completed/a=Succeeded (1)/p=Succeeded (1)/z=Succeeded (1)", "")]
    [InlineData("+a +p +z undo", "Completed/a=Succeeded (1)/p=Succeeded (1)/z=Succeeded (1)", "It is completed, and past its pivot.")]
    [InlineData("+a +p undo", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "It is past its pivot.")]
    [InlineData("cancel +a", "Compensating/a=Compensating (1) 1", "")]
    [InlineData("+a cancel", "Running/a=Succeeded (1)/p=Running 1", "Requested")]
    [InlineData("+a cancel cancel", "Running/a=Succeeded (1)/p=Running 1", "Requested")]
    [InlineData("+a cancel +p", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "")]
    [InlineData("+a cancel -p", "Compensating/a=Compensating (1) 1/p=Rejected (1)", "")]
    [InlineData("+a cancel !p", "Running/a=Succeeded (1)/p=Running (1) @0.2", "")]
    [InlineData("+a cancel !p t1 !p", "Stuck/a=Succeeded (1)/p=Unknown (2)?", "")]
    [InlineData("+a cancel ~p", "Running/a=Succeeded (1)/p=Running 2", "")]
    [InlineData("+a cancel x", "Running/a=Succeeded (1)/p=Running 2", "")]
    [InlineData("+a !p cancel", "Running/a=Succeeded (1)/p=Running (1) @0.2", "Requested")]
    [InlineData("t99", "Running/a=Running 1", "")]
    [InlineData("t100", "Running turning/a=Running 1", "")]
    [InlineData("t100 +a", "Compensating/a=Compensating (1) 1", "")]
    [InlineData("+a t100", "Running/a=Succeeded (1)/p=Running 1", "")]
    [InlineData("+a t100 +p", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "")]
    [InlineData("+a t100 -p", "Compensating/a=Compensating (1) 1/p=Rejected (1)", "")]
    [InlineData("+a t100 !p", "Running/a=Succeeded (1)/p=Running (1) @0.2", "")]
    [InlineData("+a +p t100", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "")]
    public void Pivot_WithoutCompensation_LeadsTo(string commands, string expected, string reply) =>
        AssertLeadsTo(SagaTable.Of(saga => Define(saga, isUndone: false), commands), expected, reply);

    [Theory]
    [InlineData("+a -p", "Compensating/a=Compensating (1) 1/p=Rejected (1)", "")]
    [InlineData("+a !p", "Running/a=Succeeded (1)/p=Running (1) @0.2", "")]
    [InlineData("+a *p", "Compensating/a=Succeeded (1)/p=Compensating (1) 1?", "")]
    [InlineData("+a *p +p", "Compensating/a=Compensating (1) 1/p=Compensated (1) (1)?", "")]
    [InlineData("+a cancel", "Running/a=Succeeded (1)/p=Running 1", "Requested")]
    [InlineData("+a cancel +p", "Running/a=Succeeded (1)/p=Succeeded (1)/z=Running 1", "")]
    [InlineData("+a cancel !p", "Compensating/a=Succeeded (1)/p=Compensating (1) 1?", "")]
    [InlineData("+a cancel x", "Compensating/a=Succeeded (1)/p=Compensating (1) 1?", "")]
    [InlineData("+a !p cancel", "Compensating/a=Succeeded (1)/p=Compensating (1) 1?", "Requested")]
    [InlineData("+a !p t100", "Compensating/a=Succeeded (1)/p=Compensating (1) 1?", "")]
    [InlineData("+a t100 !p", "Compensating/a=Succeeded (1)/p=Compensating (1) 1?", "")]
    [InlineData("+a x x x x x", "Parked/a=Succeeded (1)/p=Running (5)", "")]
    [InlineData("+a x x x x x compensate", "Compensating/a=Succeeded (1)/p=Compensating (5) 1?", "")]
    [InlineData("+a x x x x x cancel", "Compensating/a=Succeeded (1)/p=Compensating (5) 1?", "Requested")]
    [InlineData("+a +p -z", "Stuck/a=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "")]
    public void Pivot_WithCompensation_LeadsTo(string commands, string expected, string reply) =>
        AssertLeadsTo(SagaTable.Of(saga => Define(saga, isUndone: true), commands), expected, reply);

    private static void AssertLeadsTo(SagaTable table, string expected, string reply) =>
        Assert.Equal((expected, reply), (table.ToString(), table.Reply));

    private static void Define(ISagaBuilder<OrderData> saga, bool isUndone)
    {
        saga.Deadline(TimeSpan.FromSeconds(100));
        saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
        var pivot = saga.Step("p").Do(SagaTable.Nothing).Pivot().Retry(SagaTable.Two);
        if (isUndone)
        {
            pivot.Compensate(SagaTable.Nothing);
        }

        saga.Step("z").Do(SagaTable.Nothing);
    }
}
