namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>Draws from a seed which faults come when, so that a run that failed can be had again.</summary>
internal static class FaultSchedule
{
    /// <summary>Until then the cluster may come up undisturbed.</summary>
    internal static readonly TimeSpan QuietAtFirst = TimeSpan.FromSeconds(5);

    /// <summary>From when before the end on nothing is broken: time to see that all recovers.</summary>
    internal static readonly TimeSpan QuietAtLast = TimeSpan.FromSeconds(10);

    internal static readonly TimeSpan ShortestGap = TimeSpan.FromSeconds(3);
    internal static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(12);

    /// <summary>Any kind of fault fits into it at least once.</summary>
    internal static readonly TimeSpan ShortestLength = TimeSpan.FromSeconds(20);

    // Divisible by any number up to eight, so that each of so many silos or workers is hit equally often.
    private const int Targets = 840;

    private static readonly FaultKind[] AllKinds = [.. Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.None)];

    /// <summary>The faults in order of their beginning.</summary>
    /// <param name="seed">The same seed, length and kinds give the same faults.</param>
    /// <param name="length">How long the run is to be; at least <see cref="ShortestLength"/>.</param>
    /// <param name="kinds">Which kinds are wanted. Null: all.</param>
    /// <remarks>
    /// Kinds are dealt from a deck that is filled up only when it holds none that may come now: a kind that had to stand back for a fault under way comes
    /// the sooner later, and all come equally often. If no wanted kind may come beside those under way, the next begins as soon as one may, be the gap longer
    /// than <see cref="LongestGap"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The length is too short.</exception>
    /// <exception cref="ArgumentException">There are no kinds, or <see cref="FaultKind.None"/> is among them.</exception>
    internal static IReadOnlyList<Fault> Draw(int seed, TimeSpan length, IReadOnlyCollection<FaultKind>? kinds = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, ShortestLength);
        FaultKind[] wanted = [.. (kinds ?? AllKinds).Distinct().Order()];
        if (wanted is [] or [FaultKind.None, ..])
        {
            throw new ArgumentException($"There must be at least one kind of fault, and none may be {FaultKind.None}.", nameof(kinds));
        }

        var random = new Random(seed);
        var end = length - QuietAtLast;
        var lastFirst = QuietAtFirst + (length - ShortestLength);
        var at = Between(random, QuietAtFirst, lastFirst < LongestGap ? lastFirst : LongestGap);
        List<FaultKind> deck = [];
        List<Fault> faults = [];
        while (true)
        {
            if (!wanted.Any(MayCome))
            {
                var ends = faults.Select(fault => fault.EndsAt).Where(endsAt => endsAt > at).ToArray();
                if (ends is [])
                {
                    return faults;
                }

                at = ends.Min();
                continue;
            }

            if (!deck.Any(MayCome))
            {
                deck.AddRange(wanted);
            }

            var possible = deck.FindAll(MayCome);
            var kind = possible[random.Next(possible.Count)];
            deck.Remove(kind);
            faults.Add(DrawFault(random, kind, at, end));
            at += Between(random, ShortestGap, LongestGap);
        }

        bool MayCome(FaultKind kind) =>
            at + Durations(kind).Shortest <= end && !faults.Exists(fault => fault.EndsAt > at && Excludes(fault.Kind, kind));
    }

    private static Fault DrawFault(Random random, FaultKind kind, TimeSpan at, TimeSpan end)
    {
        var (shortest, longest) = Durations(kind);
        var isPause = kind is FaultKind.PauseSilo or FaultKind.PauseWorker;
        var duration = isPause ? MostlyShort(random, shortest, longest) : Between(random, shortest, longest);
        var isCut = kind is FaultKind.CutSiloFromDatabase or FaultKind.CutSiloFromSilos or FaultKind.CutWorkersFromSilo;
        return new Fault(
            kind,
            at,
            at + duration < end ? duration : end - at,
            random.Next(Targets),
            isCut ? (Cut)random.Next((int)Cut.ToTarget, (int)Cut.Both + 1) : Cut.None);
    }

    /// <summary>Two silos of three away leave no majority, and a database cannot be stopped that is.</summary>
    private static bool Excludes(FaultKind one, FaultKind other) =>
        (TakesSiloAway(one) && TakesSiloAway(other)) || (TakesDatabaseAway(one) && TakesDatabaseAway(other));

    private static bool TakesSiloAway(FaultKind kind) => kind is FaultKind.KillSilo or FaultKind.PauseSilo or FaultKind.StopSilo
        or FaultKind.CutSiloFromDatabase or FaultKind.CutSiloFromSilos;

    private static bool TakesDatabaseAway(FaultKind kind) =>
        kind is FaultKind.CrashDatabase or FaultKind.StopDatabase or FaultKind.DropDatabaseConnections;

    private static (TimeSpan Shortest, TimeSpan Longest) Durations(FaultKind kind) => kind switch
    {
        FaultKind.KillSilo or FaultKind.StopSilo or FaultKind.KillWorker => (TimeSpan.Zero, TimeSpan.FromSeconds(5)),
        FaultKind.PauseSilo or FaultKind.PauseWorker => (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)),
        FaultKind.JoinSilo => (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)),
        FaultKind.CrashDatabase or FaultKind.StopDatabase => (TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(8)),
        FaultKind.CutSiloFromDatabase or FaultKind.CutSiloFromSilos or FaultKind.CutWorkersFromSilo =>
            (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15)),
        FaultKind.DropDatabaseConnections => (TimeSpan.Zero, TimeSpan.Zero),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of fault."),
    };

    private static TimeSpan Between(Random random, TimeSpan shortest, TimeSpan longest) =>
        TimeSpan.FromMilliseconds((long)random.Next((int)shortest.TotalMilliseconds, (int)longest.TotalMilliseconds + 1));

    // Half of the pauses are over after an eighth of the range, a third last longer than a lease of six seconds.
    private static TimeSpan MostlyShort(Random random, TimeSpan shortest, TimeSpan longest) =>
        shortest + TimeSpan.FromMilliseconds((long)((longest - shortest).TotalMilliseconds * Math.Pow(random.NextDouble(), 3)));
}
