using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>Back-off, due times, and room. For the words of the tables see <see cref="SagaTable"/>.</summary>
public sealed class SagaRulesDueTests
{
    /// <summary>a and the signal go (50 s) together, then p (pivot), then z; a deadline after 100 s.</summary>
    [Theory]
    [InlineData("", 50.0)]
    [InlineData("!a", 0.2)]
    [InlineData("!a t0.2", 50.0)]
    [InlineData("+a", 50.0)]
    [InlineData("go!", 100.0)]
    [InlineData("cancel", null)]
    [InlineData("go! !a t0.1", 0.2)]
    [InlineData("+a cancel", null)]
    [InlineData("+a cancel !a", 0.2)]
    [InlineData("go! +a", null)]
    [InlineData("go! +a !p", 0.2)]
    [InlineData("go! +a +p", null)]
    [InlineData("go! +a +p !z", 0.2)]
    [InlineData("go! +a +p +z", null)]
    [InlineData("?a", null)]
    [InlineData("full !a t0.2", 50.0)]
    [InlineData("full !a t0.2 go!", 100.0)]
    public void NextDue_Is(string commands, double? seconds)
    {
        var table = SagaTable.Of(
            saga =>
            {
                saga.Deadline(TimeSpan.FromSeconds(100));
                saga.Parallel(group =>
                {
                    group.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
                    group.WaitFor<OrderData>("go").Deadline(TimeSpan.FromSeconds(50));
                });
                saga.Step("p").Do(SagaTable.Nothing).Pivot();
                saga.Step("z").Do(SagaTable.Nothing);
            },
            commands);

        Assert.Equal(seconds, (table.NextDue - SagaTable.Start)?.TotalSeconds);
    }

    /// <summary>a, then the signal go.</summary>
    [Theory]
    [InlineData("", "Running", "", true, true)]
    [InlineData("t1000", "Running", "", true, true)]
    [InlineData("room r", "Running/a=Running 1", "a#1", true, false)]
    [InlineData("room r full !a", "Running/a=Running (1) @0.2", "", false, false)]
    [InlineData("room r full !a t0.2", "Running/a=Running (1)", "", true, true)]
    [InlineData("room r full !a t0.2 r", "Running/a=Running (1)", "", true, true)]
    [InlineData("room r full !a t0.2 room r", "Running/a=Running 2", "a#2", true, false)]
    [InlineData("room r full x", "Running/a=Running (1)", "", true, true)]
    [InlineData("room r full ~a", "Running/a=Running (1)", "", true, true)]
    [InlineData("room r +a", "Running/a=Succeeded (1)/go=Waiting", "", false, false)]
    [InlineData("cancel", "Compensated", "", false, false)]
    [InlineData("room r full +a cancel", "Compensating/a=Compensating (1) 1/go=Skipped", "a~1", true, false)]
    [InlineData("room r ?a", "Parked/a=Running (1)", "", false, false)]
    public void Room_DecidesWhetherActionsBegin(string commands, string expected, string begun, bool isActive, bool isHeldBack)
    {
        var definition = SagaDefinitionTests.Describe(saga =>
        {
            saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing);
            saga.WaitFor<OrderData>("go");
        }).Definition;
        var table = SagaTable.Of(definition, commands, mayRun: false);

        Assert.Equal((expected, begun), (table.ToString(), table.Begun));
        Assert.Equal(
            (isActive, isHeldBack), (SagaRules.IsActive(definition, table.Record), SagaRules.IsHeldBack(definition, table.Record)));
        Assert.True(table.NextDue is null || table.NextDue > table.Now, "It is due and nothing will come of it.");
    }

    [Theory]
    [InlineData(0.0, 200)]
    [InlineData(1.0, 100)]
    public void BackOff_IsShortenedByUpToHalf(double jitter, double milliseconds)
    {
        var table = SagaTable.Of(saga => saga.Step("a").Do(SagaTable.Nothing));
        table.Jitter = jitter;
        table.Play("!a");
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), table.NextDue - table.Now);
    }

    [Fact]
    public void BackOff_DoublesUpToItsBound()
    {
        var delays = DelaysOf(new SagaRetry { MaxAttempts = SagaRetry.Unlimited });

        Assert.Equal([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000], delays.Take(8));
        Assert.Equal(10_000, delays[^1]);
    }

    [Fact]
    public void BackOff_OfZero_StaysZero() =>
        Assert.All(DelaysOf(new SagaRetry { MaxAttempts = SagaRetry.Unlimited, Delay = TimeSpan.Zero }), delay => Assert.Equal(0, delay));

    [Fact]
    public void BackOff_OfACompensation_IsItsOwn()
    {
        var table = SagaTable.Of(
            saga => saga.Step("a").Do(SagaTable.Nothing).Compensate(SagaTable.Nothing).RetryCompensation(new() { Delay = TimeSpan.FromSeconds(3) }),
            "*a !a");
        Assert.Equal("Compensating/a=Compensating (1) (1) @3?", table.ToString());
    }

    private static List<double> DelaysOf(SagaRetry retry)
    {
        var definition = SagaDefinitionTests.Describe(saga => saga.Step("a").Do(SagaTable.Nothing).Retry(retry)).Definition;
        var table = SagaTable.Of(definition);
        table.MaxHistory = 10;
        var delays = new List<double>();
        for (var attempt = 1; attempt < 1100; attempt++)
        {
            table.Play("!a");
            if (table.NextDue is { } due)
            {
                delays.Add((due - table.Now).TotalMilliseconds);
                table.Play("t10");
            }
        }

        return delays;
    }
}
