using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What operators may do when. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesInterventionTests
{
    private const string NotHalted = "Only a saga that is stuck or parked can be retried or undone so; one under way is cancelled.";
    private const string UnderWay = "An attempt is under way; wait for its end.";

    /// <summary>a, signal go, group of b and c, pivot p, z.</summary>
    [Theory]
    [InlineData("retry", "Running/a=Running 1", "It is Running. " + NotHalted)]
    [InlineData("compensate", "Running/a=Running 1", "It is Running. " + NotHalted)]
    [InlineData("giveup", "Running/a=Running 1", UnderWay)]
    [InlineData("skip:a", "Running/a=Running 1", "An attempt of step 'a' is under way; wait for its end.")]
    [InlineData("skip:go", "Running/a=Running 1", "Step 'go' is Pending; only one that the saga is at can be skipped.")]
    [InlineData("skip:nix", "Running/a=Running 1", "It has no step 'nix', but [a, go, b, c, p, z].")]
    [InlineData("!a skip:a", "Running/a=Skipped (1)/go=Waiting", "")]
    [InlineData("!a giveup", "GivenUp/a=Running (1) @0.2", "")]
    [InlineData("+a go! +b +c +p !z skip:z", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Skipped (1)", "")]
    [InlineData("+a skip:go", "Running/a=Succeeded (1)/go=Skipped/b=Running 1/c=Running 1", "")]
    [InlineData("+a cancel retry", "Compensating/a=Compensating (1) 1/go=Skipped", "It is Compensating. " + NotHalted)]
    [InlineData("+a cancel skip:a", "Compensating/a=Compensating (1) 1/go=Skipped", "An attempt of step 'a' is under way; wait for its end.")]
    [InlineData("+a cancel !a skip:a", "Compensated/a=CompensationSkipped (1) (1)/go=Skipped", "")]
    [InlineData("+a cancel +a retry", "Compensated/a=Compensated (1) (1)/go=Skipped", "It is Compensated. " + NotHalted)]
    [InlineData("+a cancel +a giveup", "Compensated/a=Compensated (1) (1)/go=Skipped", "It is Compensated. " + NotHalted)]
    [InlineData("?a retry", "Running/a=Running 2", "")]
    [InlineData("?a skip:a", "Running/a=Skipped (1)/go=Waiting", "")]
    [InlineData("?a skip:b", "Parked/a=Running (1)", "Step 'b' is Pending; only one that the saga is at can be skipped.")]
    [InlineData("?a compensate", "Compensating/a=Compensating (1) 1?", "")]
    [InlineData("?a giveup", "GivenUp/a=Running (1)", "")]
    [InlineData("?a giveup retry", "GivenUp/a=Running (1)", "It is GivenUp. " + NotHalted)]
    [InlineData("+a go! ?b giveup", "Parked/a=Succeeded (1)/go=Succeeded/b=Running (1)/c=Running 1", UnderWay)]
    [InlineData("+a go! ?b skip:c", "Parked/a=Succeeded (1)/go=Succeeded/b=Running (1)/c=Running 1", "An attempt of step 'c' is under way; wait for its end.")]
    [InlineData("+a go! ?b skip:a", "Parked/a=Succeeded (1)/go=Succeeded/b=Running (1)/c=Running 1", "Step 'a' is Succeeded; only one that the saga is at can be skipped.")]
    [InlineData("+a go! ?b +c skip:c", "Parked/a=Succeeded (1)/go=Succeeded/b=Running (1)/c=Succeeded (1)", "Step 'c' is Succeeded; only one that the saga is at can be skipped.")]
    [InlineData("+a go! ?b compensate", "Running turning/a=Succeeded (1)/go=Succeeded/b=Unknown (1)?/c=Running 1", "")]
    [InlineData("+a go! ?b compensate +c", "Compensating/a=Succeeded (1)/go=Succeeded/b=Compensating (1) 1?/c=Compensating (1) 1", "")]
    [InlineData("+a go! ?b !c compensate", "Compensating/a=Succeeded (1)/go=Succeeded/b=Compensating (1) 1?/c=Compensating (1) 1?", "")]
    [InlineData("+a go! ?b -c compensate", "Parked/a=Succeeded (1)/go=Succeeded/b=Running (1)/c=Rejected (1)", "It is being undone already; retry it.")]
    [InlineData("+a go! ?b -c skip:b", "Parked/a=Succeeded (1)/go=Succeeded/b=Running (1)/c=Rejected (1)", "Step 'b' is Running; only one that the saga is at can be skipped.")]
    [InlineData("+a go! ?b -c retry", "Compensating/a=Succeeded (1)/go=Succeeded/b=Compensating (1) 1?/c=Rejected (1)", "")]
    [InlineData("+a cancel *a compensate", "Stuck/a=CompensationFailed (1) (1)/go=Skipped", "It is being undone already; retry it.")]
    [InlineData("+a cancel *a retry", "Compensating/a=Compensating (1) 2/go=Skipped", "")]
    [InlineData("+a cancel *a skip:a", "Compensated/a=CompensationSkipped (1) (1)/go=Skipped", "")]
    [InlineData("+a cancel *a skip:go", "Stuck/a=CompensationFailed (1) (1)/go=Skipped", "Step 'go' is Skipped; only one that the saga is at can be skipped.")]
    [InlineData("+a cancel *a giveup", "GivenUp/a=CompensationFailed (1) (1)/go=Skipped", "")]
    [InlineData("+a cancel *a cancel", "Stuck/a=CompensationFailed (1) (1)/go=Skipped", "AlreadyUndone")]
    [InlineData("+a go! +b +c *p retry", "Running/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Running 2", "")]
    [InlineData("+a go! +b +c *p skip:p", "Running/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Skipped (1)?/z=Running 1", "")]
    [InlineData("+a go! +b +c *p compensate", "Compensating/a=Succeeded (1)/go=Succeeded/b=Compensating (1) 1/c=Compensating (1) 1/p=Rejected (1)?", "")]
    [InlineData("+a go! +b +c *p giveup", "GivenUp/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Unknown (1)?", "")]
    [InlineData("+a go! +b +c +p -z retry", "Running/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Running 2", "")]
    [InlineData("+a go! +b +c +p -z skip:z", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Skipped (1)", "")]
    [InlineData("+a go! +b +c +p -z skip:p", "Stuck/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "Step 'p' is Succeeded; only one that the saga is at can be skipped.")]
    [InlineData("+a go! +b +c +p -z compensate", "Stuck/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "It is past its pivot 'p'; retry, skip or give up.")]
    [InlineData("+a go! +b +c +p -z giveup", "GivenUp/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Rejected (1)", "")]
    [InlineData("+a go! +b +c +p +z retry", "Completed/a=Succeeded (1)/go=Succeeded/b=Succeeded (1)/c=Succeeded (1)/p=Succeeded (1)/z=Succeeded (1)", "It is Completed. " + NotHalted)]
    public void Intervention_LeadsTo(string commands, string expected, string reply)
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                saga.WaitFor<OrderData>("go");
                saga.Parallel(group =>
                {
                    group.Step("b").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                    group.Step("c").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                });
                saga.Step("p").Do(SagaTable.Nothing).Pivot();
                saga.Step("z").Do(SagaTable.Nothing);
            },
            commands);

        Assert.Equal((expected, reply), (table.ToString(), table.Reply));
    }

    [Fact]
    public void Intervention_IsKeptInTheHistory()
    {
        foreach (var (kind, what) in new[]
        {
            (SagaInterventionKind.Retry, SagaEvent.Retried),
            (SagaInterventionKind.Skip, SagaEvent.Skipped),
            (SagaInterventionKind.Compensate, SagaEvent.TurnedRound),
            (SagaInterventionKind.GiveUp, SagaEvent.GivenUp),
        })
        {
            var definition = SagaDefinitionTests.Describe(saga => saga.Step("a").Do(SagaTable.Nothing)).Definition;
            var table = SagaTable.Of(definition, "?a");
            var wish = new SagaIntervention { Kind = kind, By = "me", Reason = "so", Step = "a" };

            var (decision, fault) = SagaRules.Intervene(definition, table.Record, wish, (_, _) => true, table.Moment);

            Assert.Null(fault);
            var entry = Assert.Single(decision.Record.History, entry => entry.By is not null);
            Assert.Equal((what, "me"), (entry.Event, entry.By));
            Assert.Equal(kind == SagaInterventionKind.Compensate ? "me: so" : "so", entry.Detail);
            Assert.Equal(kind == SagaInterventionKind.Skip ? "a" : null, entry.Step);
        }
    }

    /// <summary>Its answer was lost, and it is sent again when it is done already.</summary>
    [Fact]
    public void Intervention_Repeated_IsDoneOnce()
    {
        var table = SagaTable.Of(SagaDefinitionTests.Describe(saga => saga.Step("a").Do(SagaTable.Nothing)).Definition, "?a");
        var wish = new SagaIntervention { Kind = SagaInterventionKind.Retry, By = "me", Reason = "so", Id = Guid.NewGuid() };
        table.Take(Intervene(wish).Decision);

        var (repeated, fault) = Intervene(wish);
        Assert.Same(table.Record, repeated.Record);
        Assert.Null(fault);
        Assert.NotNull(Intervene(wish with { Id = Guid.NewGuid() }).Fault);

        (SagaDecision Decision, string? Fault) Intervene(SagaIntervention intervention) => SagaRules.Intervene(
            SagaDefinitionTests.Describe(saga => saga.Step("a").Do(SagaTable.Nothing)).Definition, table.Record, intervention, (_, _) => true, table.Moment);
    }

    [Fact]
    public void Intervention_OnAHaltedSaga_FirstNotesWhatIsLost()
    {
        var definition = SagaDefinitionTests.Describe(saga => saga.Parallel(group =>
        {
            group.Step("a").Do(SagaTable.Nothing).NotCompensatable("test");
            group.Step("b").Do(SagaTable.Nothing).NotCompensatable("test");
        })).Definition;
        var table = SagaTable.Of(definition, "?a");
        var wish = new SagaIntervention { Kind = SagaInterventionKind.GiveUp, By = "me", Reason = "so" };

        var (decision, fault) = SagaRules.Intervene(definition, table.Record, wish, (_, _) => false, table.Moment);

        Assert.Null(fault);
        Assert.Equal(SagaPhase.GivenUp, decision.Record.Phase);
        Assert.Equal([SagaEvent.Lost, SagaEvent.GivenUp], decision.Record.History.TakeLast(2).Select(entry => entry.Event));
    }
}
