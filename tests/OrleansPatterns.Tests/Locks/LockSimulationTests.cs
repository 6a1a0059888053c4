using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

public sealed class LockSimulationTests(ITestOutputHelper output)
{
    /// <summary>How many steps each run takes, when not the default.</summary>
    private const string StepsVariable = "ORLEANSPATTERNS_SIMULATION_STEPS";

    private const int DefaultSteps = 300_000;

    /// <summary>Enough for every seed to come upon what a missing rule lets happen; most need a few thousand.</summary>
    private const int StepsToFind = 5_000_000;

    private static readonly LockMode[] Exclusive = [LockMode.Write];
    private static readonly LockMode[] ReadersAndWriters = [LockMode.Read, LockMode.Read, LockMode.UpgradeableRead, LockMode.Write];
    private static readonly LockMode[] Places = [LockMode.Permit];

    /// <summary>Shorter than a lease, as by default.</summary>
    private static readonly LockTerms Near = new(IsWriteThrough: false, Slack: TimeSpan.FromSeconds(3), TokenBlock: 64);

    /// <summary>Claims that reach several leases ahead.</summary>
    private static readonly LockTerms Far = new(IsWriteThrough: false, Slack: TimeSpan.FromSeconds(25), TokenBlock: 64);

    private static readonly LockTerms WriteThrough = new(IsWriteThrough: true, Slack: TimeSpan.Zero, TokenBlock: 1);

    private static int Steps => Environment.GetEnvironmentVariable(StepsVariable) is { Length: > 0 } steps
        ? int.Parse(steps, System.Globalization.CultureInfo.InvariantCulture)
        : DefaultSteps;

    public static MatrixTheoryData<string, int> Worlds => new(
        ["exclusive", "exclusive, far", "readers and writers", "readers and writers, far", "semaphore", "semaphore, far", "write through"], [1, 2]);

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Rules_WithTwoActivationsAndEveryFault_KeepHoldersApart(string name, int seed)
    {
        var simulation = new LockSimulation(seed, World(name) with { HasBreaks = seed == 2 });
        var fault = simulation.Run(Steps);
        output.WriteLine(simulation.Counts.ToString());
        Assert.True(fault is null, fault);
        AssertNotQuiet(simulation.Counts, World(name), hasBreaks: seed == 2);
    }

    [Fact]
    public void Simulation_WithoutTheWaitForEarlierGrants_FindsTwoHolders() =>
        AssertFound(LockRule.WaitForEarlierGrants, World("exclusive"));

    [Fact]
    public void Simulation_WithoutConfirmationOfParkedGrants_FindsTwoHolders() =>
        AssertFound(LockRule.ConfirmationOfParkedGrants, World("exclusive"));

    [Fact]
    public void Simulation_WithoutTheTokenFloor_FindsTwoHolders() =>
        AssertFound(LockRule.TokenFloor, World("exclusive") with { HasBreaks = true });

    [Fact]
    public void Simulation_WithoutAWriteBeforeTakeover_FindsTwoHolders() =>
        AssertFound(LockRule.WriteBeforeTakeover, World("exclusive") with { Terms = Far with { Slack = TimeSpan.FromSeconds(90) } });

    [Fact]
    public void Simulation_WithALegacyOfAnotherThanThePredecessor_FindsTwoHolders() =>
        AssertFound(LockRule.LegacyOfThePredecessor, World("exclusive"));

    [Fact]
    public void Simulation_WithoutTheLongerPromiseOfALegacy_FindsTwoHolders() =>
        AssertFound(LockRule.LongerPromiseOfLegacy, World("exclusive, far"), seeds: [1, 2]);

    [Fact]
    public void Simulation_WithoutTheWaitForBrokenOnesOfALegacy_FindsTwoHolders() =>
        AssertFound(LockRule.WaitForBrokenOfLegacy, World("exclusive") with { HasBreaks = true });

    [Fact]
    public void Simulation_WithClocksBeyondTheAllowedRates_FindsTwoHolders()
    {
        var faults = Enumerable.Range(1, 5).Select(seed => new LockSimulation(seed, World("exclusive") with { RateError = 0.1 }).Run(DefaultSteps));
        Assert.Contains(faults, fault => fault?.Contains("two holders", StringComparison.Ordinal) == true);
    }

    private static LockWorld World(string name) => name switch
    {
        "exclusive" => new(Exclusive, Near),
        "exclusive, far" => new(Exclusive, Far),
        "readers and writers" => new(ReadersAndWriters, Near),
        "readers and writers, far" => new(ReadersAndWriters, Far),
        "semaphore" => new(Places, Near, Permits: 2),
        "semaphore, far" => new(Places, Far, Permits: 2),
        "write through" => new(Exclusive, WriteThrough),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such world."),
    };

    private static void AssertFound(LockRule removed, LockWorld world, params int[] seeds)
    {
        var faults = (seeds is [] ? [1, 2, 3, 4, 5] : seeds).Select(seed => new LockSimulation(seed, world with { Removed = removed }).Run(StepsToFind)).ToList();
        Assert.All(faults, fault => Assert.Contains("two holders", fault, StringComparison.Ordinal));
    }

    private static void AssertNotQuiet(LockSimulationCounts counts, LockWorld world, bool hasBreaks)
    {
        Assert.True(counts.Holds > 300, $"only {counts.Holds} holds");
        Assert.True(counts.Renewals > 1_000, $"only {counts.Renewals} renewals");
        Assert.True(counts.Takeovers > 50, $"only {counts.Takeovers} takeovers");
        Assert.True(counts.AnswersByReplaced > 200, $"only {counts.AnswersByReplaced} answers by replaced activations");
        Assert.True(counts.RefusedWrites > 300, $"only {counts.RefusedWrites} refused writes");
        Assert.True(!hasBreaks || counts.Breaks > 50, $"only {counts.Breaks} breaks");
        if (!world.Terms.IsWriteThrough)
        {
            Assert.True(counts.Adoptions > 100, $"only {counts.Adoptions} adoptions");
            Assert.True(counts.RecoveriesByClock > 5, $"only {counts.RecoveriesByClock} recoveries by the cluster's clock");
            Assert.True(counts.HandedOn > 100, $"only {counts.HandedOn} handed on");
            Assert.True(counts.WritesAhead > 500, $"only {counts.WritesAhead} writes ahead");
            Assert.True(world.Permits > 0 || counts.Legacies > 50, $"only {counts.Legacies} legacies");
        }
    }
}
