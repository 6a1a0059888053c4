namespace OrleansPatterns.ChaosTests.Nemesis;

public sealed class FaultScheduleTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);
    private static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.None)];

    private static readonly HashSet<FaultKind> OfASilo =
    [
        FaultKind.KillSilo, FaultKind.PauseSilo, FaultKind.StopSilo, FaultKind.CutSiloFromDatabase, FaultKind.CutSiloFromSilos,
    ];

    private static readonly HashSet<FaultKind> OfTheDatabase =
    [
        FaultKind.CrashDatabase, FaultKind.StopDatabase, FaultKind.DropDatabaseConnections,
    ];

    private static readonly HashSet<FaultKind> Cuts =
    [
        FaultKind.CutSiloFromDatabase, FaultKind.CutSiloFromSilos, FaultKind.CutWorkersFromSilo,
    ];

    [Fact]
    public void Draw_SameSeed_IsTheSame()
    {
        var schedule = FaultSchedule.Draw(7, TimeSpan.FromMinutes(5));

        Assert.Equal(schedule, FaultSchedule.Draw(7, TimeSpan.FromMinutes(5)));
        Assert.Equal(schedule, FaultSchedule.Draw(7, TimeSpan.FromMinutes(5), [.. Kinds.Reverse()]));
    }

    [Fact]
    public void Draw_DifferentSeeds_Differ()
    {
        var schedules = Enumerable.Range(0, 100).Select(seed => string.Join('\n', FaultSchedule.Draw(seed, TimeSpan.FromMinutes(1))));

        Assert.Equal(100, schedules.Distinct().Count());
    }

    [Theory]
    [InlineData(20)]
    [InlineData(27)]
    [InlineData(60)]
    [InlineData(300)]
    public void Draw_AnySeed_KeepsItsBounds(int seconds)
    {
        var length = TimeSpan.FromSeconds(seconds);
        for (var seed = 0; seed < 1_000; seed++)
        {
            var faults = FaultSchedule.Draw(seed, length);

            Assert.NotEmpty(faults);
            Assert.True(faults[0].At >= TimeSpan.FromSeconds(5), $"Seed {seed}: {faults[0]}");
            Assert.All(faults, fault => AssertBounds(fault, length));
            Assert.All(faults.Zip(faults.Skip(1)), pair => Assert.InRange((pair.Second.At - pair.First.At).TotalSeconds, 3, 12));
        }
    }

    [Fact]
    public void Draw_AnySeed_NeverTakesTwoSilosOrTheDatabaseTwice()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            AssertNoForbiddenOverlap(seed, FaultSchedule.Draw(seed, TimeSpan.FromMinutes(5)));
        }
    }

    [Fact]
    public void Draw_OnlyKindsThatExcludeOneAnother_WaitsForTheEndOfEach()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var faults = FaultSchedule.Draw(seed, TimeSpan.FromMinutes(5), [FaultKind.PauseSilo, FaultKind.CutSiloFromSilos]);

            AssertNoForbiddenOverlap(seed, faults);
            Assert.All(faults, fault => AssertBounds(fault, TimeSpan.FromMinutes(5)));
            Assert.All(faults, fault => Assert.True(fault.Kind is FaultKind.PauseSilo or FaultKind.CutSiloFromSilos));
            Assert.All(faults.Zip(faults.Skip(1)), pair => Assert.InRange((pair.Second.At - pair.First.At).TotalSeconds, 3, 20));
        }
    }

    [Fact]
    public void Draw_HalfAnHour_HasEveryKindAboutEquallyOften()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var faults = FaultSchedule.Draw(seed, TimeSpan.FromMinutes(30));

            var mean = faults.Count / (double)Kinds.Length;
            Assert.All(Kinds, kind => Assert.InRange(faults.Count(fault => fault.Kind == kind), mean - 3, mean + 3));
        }
    }

    [Fact]
    public void Draw_HalfAnHour_HasPausesShorterAndLongerThanALeaseAndCutsOfEveryDirection()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var faults = FaultSchedule.Draw(seed, TimeSpan.FromMinutes(30));

            var pauses = faults.Where(fault => fault.Kind is FaultKind.PauseSilo or FaultKind.PauseWorker).ToArray();
            var longerThanALease = pauses.Count(pause => pause.Duration > Lease);
            Assert.InRange(longerThanALease, 1, pauses.Length - 1);
            Assert.Equal(
                [Cut.ToTarget, Cut.FromTarget, Cut.Both],
                faults.Where(fault => Cuts.Contains(fault.Kind)).Select(fault => fault.Cut).Distinct().Order());
        }
    }

    [Fact]
    public void Draw_EachKindAlone_FitsIntoTheShortestLength()
    {
        foreach (var kind in Kinds)
        {
            Assert.Contains(FaultSchedule.Draw(1, TimeSpan.FromSeconds(20), [kind]), fault => fault.Kind == kind);
        }
    }

    [Fact]
    public void Draw_TooShort_NamesTheLengthAndTheBound()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => FaultSchedule.Draw(1, TimeSpan.FromSeconds(19)));

        Assert.Contains("00:00:19", exception.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:20", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_NoKinds_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => FaultSchedule.Draw(1, TimeSpan.FromMinutes(1), []));
        Assert.Throws<ArgumentException>(() => FaultSchedule.Draw(1, TimeSpan.FromMinutes(1), [FaultKind.KillSilo, FaultKind.None]));
    }

    private static void AssertBounds(Fault fault, TimeSpan length)
    {
        Assert.InRange(fault.EndsAt, fault.At, length - TimeSpan.FromSeconds(10));
        Assert.True(fault.Target >= 0, $"{fault}");
        Assert.Equal(Cuts.Contains(fault.Kind), fault.Cut != Cut.None);
        var (shortest, longest) = fault.Kind switch
        {
            FaultKind.PauseSilo or FaultKind.PauseWorker => (1, 20),
            FaultKind.JoinSilo => (5, 20),
            FaultKind.CrashDatabase or FaultKind.StopDatabase => (0.5, 8),
            FaultKind.DropDatabaseConnections => (0, 0),
            _ when Cuts.Contains(fault.Kind) => (1, 15),
            _ => (0, 5),
        };
        Assert.InRange(fault.Duration.TotalSeconds, shortest, longest);
    }

    private static void AssertNoForbiddenOverlap(int seed, IReadOnlyList<Fault> faults)
    {
        foreach (var together in new[] { OfASilo, OfTheDatabase })
        {
            var exclusive = faults.Where(fault => together.Contains(fault.Kind)).OrderBy(fault => fault.At).ToArray();
            foreach (var (first, second) in exclusive.Zip(exclusive.Skip(1)))
            {
                Assert.True(first.EndsAt <= second.At, $"Seed {seed}: {first} and {second}");
            }
        }
    }
}
