using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Steps that run, and are undone, at the same time. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesParallelTests
{
    [Theory]
    [InlineData("+a", "Running/a=Succeeded (1)/b=Running 1/c=Running 1", "b#1 c#1")]
    [InlineData("+a +b", "Running/a=Succeeded (1)/b=Succeeded (1)/c=Running 1", "")]
    [InlineData("+a +b +c", "Running/a=Succeeded (1)/b=Succeeded (1)/c=Succeeded (1)/d=Running 1", "d#1")]
    [InlineData("+a -b", "Running turning/a=Succeeded (1)/b=Rejected (1)/c=Running 1", "")]
    [InlineData("+a -b +c", "Compensating/a=Succeeded (1)/b=Rejected (1)/c=Compensating (1) 1", "c~1")]
    [InlineData("+a -b -c", "Compensating/a=Compensating (1) 1/b=Rejected (1)/c=Rejected (1)", "a~1")]
    [InlineData("+a -b !c", "Compensating/a=Succeeded (1)/b=Rejected (1)/c=Compensating (1) 1?", "c~1")]
    [InlineData("+a -b *c", "Compensating/a=Succeeded (1)/b=Rejected (1)/c=Compensating (1) 1?", "c~1")]
    [InlineData("+a -b ~c", "Compensating/a=Succeeded (1)/b=Rejected (1)/c=Compensating (1) 1?", "c~1")]
    [InlineData("+a -b xc", "Compensating/a=Succeeded (1)/b=Rejected (1)/c=Compensating (1) 1?", "c~1")]
    [InlineData("+a !b", "Running/a=Succeeded (1)/b=Running (1) @0.2/c=Running 1", "")]
    [InlineData("+a !b -c", "Compensating/a=Succeeded (1)/b=Compensating (1) 1?/c=Rejected (1)", "b~1")]
    [InlineData("+a !b +c t1 +b", "Running/a=Succeeded (1)/b=Succeeded (2)/c=Succeeded (1)/d=Running 1", "d#1")]
    [InlineData("+a !b t1 !b", "Running turning/a=Succeeded (1)/b=Unknown (2)?/c=Running 1", "")]
    [InlineData("+a !b t1 !b +c", "Compensating/a=Succeeded (1)/b=Compensating (2) 1?/c=Compensating (1) 1", "b~1 c~1")]
    [InlineData("+a +b cancel", "Running turning/a=Succeeded (1)/b=Succeeded (1)/c=Running 1", "")]
    [InlineData("+a +b cancel +c", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Compensating (1) 1", "b~1 c~1")]
    [InlineData("+a x", "Running/a=Succeeded (1)/b=Running 2/c=Running 2", "b#2 c#2")]
    [InlineData("+a xb", "Running/a=Succeeded (1)/b=Running 2/c=Running 1", "b#2")]
    [InlineData("+a +b +c -d", "Compensating/a=Succeeded (1)/b=Compensating (1) 1/c=Compensating (1) 1/d=Rejected (1)", "b~1 c~1")]
    [InlineData("+a +b +c -d +b", "Compensating/a=Succeeded (1)/b=Compensated (1) (1)/c=Compensating (1) 1/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d +b +c", "Compensating/a=Compensating (1) 1/b=Compensated (1) (1)/c=Compensated (1) (1)/d=Rejected (1)", "a~1")]
    [InlineData("+a +b +c -d +c +b +a", "Compensated/a=Compensated (1) (1)/b=Compensated (1) (1)/c=Compensated (1) (1)/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d !b +c", "Compensating/a=Succeeded (1)/b=Compensating (1) (1) @0.2/c=Compensated (1) (1)/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d *b", "Stuck/a=Succeeded (1)/b=CompensationFailed (1) (1)/c=Compensating (1) 1/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d *b +c", "Stuck/a=Succeeded (1)/b=CompensationFailed (1) (1)/c=Compensated (1) (1)/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d *b !c", "Stuck/a=Succeeded (1)/b=CompensationFailed (1) (1)/c=Compensating (1) (1) @0.2/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d *b !c retry", "Compensating/a=Succeeded (1)/b=Compensating (1) 2/c=Compensating (1) 2/d=Rejected (1)", "b~2 c~2")]
    [InlineData("+a +b +c -d *b *c retry +b", "Compensating/a=Succeeded (1)/b=Compensated (1) (2)/c=Compensating (1) 2/d=Rejected (1)", "")]
    [InlineData("+a +b +c -d *b retry", "Compensating/a=Succeeded (1)/b=Compensating (1) 2/c=Compensating (1) 1/d=Rejected (1)", "b~2")]
    [InlineData("+a +b +c -d *b +c skip:b", "Compensating/a=Compensating (1) 1/b=CompensationSkipped (1) (1)/c=Compensated (1) (1)/d=Rejected (1)", "a~1")]
    [InlineData("+a ?b", "Parked/a=Succeeded (1)/b=Running (1)/c=Running 1", "")]
    [InlineData("+a ?b +c", "Parked/a=Succeeded (1)/b=Running (1)/c=Succeeded (1)", "")]
    [InlineData("+a ?b -c", "Parked/a=Succeeded (1)/b=Running (1)/c=Rejected (1)", "")]
    [InlineData("+a ?b *c", "Parked/a=Succeeded (1)/b=Running (1)/c=Unknown (1)?", "")]
    [InlineData("+a ?b !c", "Parked/a=Succeeded (1)/b=Running (1)/c=Running (1) @0.2", "")]
    [InlineData("+a ?b !c retry", "Running/a=Succeeded (1)/b=Running 2/c=Running 2", "b#2 c#2")]
    [InlineData("+a ?b -c retry", "Compensating/a=Succeeded (1)/b=Compensating (1) 1?/c=Rejected (1)", "b~1")]
    [InlineData("+a ?b -c skip:b", "Parked/a=Succeeded (1)/b=Running (1)/c=Rejected (1)", "")]
    [InlineData("+a ?b -c cancel", "Parked/a=Succeeded (1)/b=Running (1)/c=Rejected (1)", "")]
    [InlineData("+a ?b giveup", "Parked/a=Succeeded (1)/b=Running (1)/c=Running 1", "")]
    [InlineData("+a ?b +c giveup", "GivenUp/a=Succeeded (1)/b=Running (1)/c=Succeeded (1)", "")]
    [InlineData("+a ?b skip:c", "Parked/a=Succeeded (1)/b=Running (1)/c=Running 1", "")]
    [InlineData("+a ?b skip:b", "Running/a=Succeeded (1)/b=Skipped (1)/c=Running 1", "")]
    [InlineData("full +a room r", "Running/a=Succeeded (1)/b=Running 1/c=Running 1", "b#1 c#1")]
    [InlineData("full +a", "Running/a=Succeeded (1)", "")]
    [InlineData("full +a cancel", "Compensating/a=Compensating (1) 1", "a~1")]
    public void Group_OfTwo_LeadsTo(string commands, string expected, string begun)
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                saga.Parallel(group =>
                {
                    group.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Retry(SagaTable.Two);
                    group.Step("c").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).Retry(SagaTable.Two);
                });
                saga.Step("d").Do(SagaTable.Nothing);
            },
            commands);

        Assert.Equal((expected, begun), (table.ToString(), table.Begun));
    }

    [Fact]
    public void Group_WhoseSignalIsLate_BeginsNothing()
    {
        var table = SagaTable.Of(
            saga => saga.Parallel(group =>
            {
                group.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                group.WaitFor<OrderData>("go").Deadline(TimeSpan.FromSeconds(0.2));
            }),
            "!b t0.2");

        Assert.Equal("Compensating/b=Compensating (1) 1?/go=Rejected", table.ToString());
    }

    [Theory]
    [InlineData("-b", "Compensated/b=Rejected (1)/go=Skipped/wait=Skipped", "")]
    [InlineData("*b", "Compensating/b=Compensating (1) 1?/go=Skipped/wait=Skipped", "b~1")]
    [InlineData("+b", "Running/b=Succeeded (1)/go=Waiting/wait=Waiting @100", "")]
    [InlineData("+b t100", "Running/b=Succeeded (1)/go=Waiting/wait=Succeeded", "")]
    [InlineData("+b t100 go!", "Completed/b=Succeeded (1)/go=Succeeded/wait=Succeeded", "")]
    [InlineData("go! -b", "Compensated/b=Rejected (1)/go=Succeeded/wait=Skipped", "")]
    [InlineData("go! t100 -b", "Compensated/b=Rejected (1)/go=Succeeded/wait=Succeeded", "")]
    public void Group_WithWaits_LeadsTo(string commands, string expected, string begun)
    {
        var table = SagaTable.Of(
            saga => saga.Parallel(group =>
            {
                group.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                group.WaitFor<OrderData>("go");
                group.Delay("wait", TimeSpan.FromSeconds(100));
            }),
            commands);

        Assert.Equal((expected, begun), (table.ToString(), table.Begun));
    }

    [Fact]
    public void Group_OutsideConditions_SkipsThem()
    {
        var table = SagaTable.Of(saga =>
        {
            saga.Parallel(group =>
            {
                group.Step("b").Do(SagaTable.Nothing).NotCompensatable("test").When(_ => false);
                group.Step("c").Do(SagaTable.Nothing).NotCompensatable("test").When(data => data.Order.Length > 0);
            });
            saga.Step("d").Do(SagaTable.Nothing);
        });

        Assert.Equal("Running/b=Skipped/c=Skipped/d=Running 1", table.ToString());
    }

    [Fact]
    public void Data_OfAGroup_IsWhatEachHasChanged()
    {
        var definition = SagaDefinitionTests.Describe(saga => saga.Parallel(group =>
        {
            group.Step("b").Do(SagaTable.Nothing).NotCompensatable("test");
            group.Step("c").Do(SagaTable.Nothing).NotCompensatable("test");
        })).Definition;
        var table = SagaTable.Of(definition);
        var before = table.Record.DataJson;

        Complete("b", """{"Order":"b","Trail":[]}""");
        Complete("c", """{"Order":"","Trail":["c"]}""");

        Assert.Equal("""{"Order":"b","Trail":["c"]}""", table.Record.DataJson);
        Assert.Equal(SagaPhase.Completed, table.Record.Phase);

        void Complete(string step, string after) => table.Take(SagaRules.Complete(
            definition,
            table.Record,
            table.Answer(step, SagaAttemptOutcome.Succeeded) with { DataJson = after, BaseDataJson = before },
            table.Moment));
    }
}
