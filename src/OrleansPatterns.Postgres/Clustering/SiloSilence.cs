namespace OrleansPatterns.Postgres.Clustering;

/// <summary>For how long each other silo has not written that it is alive, by what this silo has seen in the membership table.</summary>
/// <remarks>
/// Clocks of other machines do not matter: what counts is that the time which a silo writes does not change, and how long this silo has been looking. A
/// silo that never wrote often, as one without a <see cref="CutOffSiloWatch"/> does not, is not expected to. Not safe for concurrent use.
/// </remarks>
/// <param name="pace">How often every silo writes.</param>
/// <param name="limit">How long one may be silent.</param>
internal sealed class SiloSilence(TimeSpan pace, TimeSpan limit)
{
    private readonly Dictionary<SiloAddress, Sight> _seen = [];
    private TimeSpan _lookedAt;

    /// <summary>After so long without a look of its own this silo cannot say what the others did meanwhile: it may have been paused, or the database away.</summary>
    private TimeSpan MaxGap => 3 * pace;

    /// <summary>The table was read, after this silo had written into it itself.</summary>
    /// <param name="others">The active silos other than this one, and when they say that they were alive last.</param>
    /// <param name="now">By this silo's monotonic clock.</param>
    /// <returns>Those that have been silent for too long; none when they are more than half of all, as then the fault is not theirs.</returns>
    internal IReadOnlyList<SiloAddress> Look(IReadOnlyDictionary<SiloAddress, DateTime> others, TimeSpan now)
    {
        var wasAway = now - _lookedAt > MaxGap;
        _lookedAt = now;
        foreach (var gone in _seen.Keys.Where(silo => !others.ContainsKey(silo)).ToList())
        {
            _seen.Remove(gone);
        }

        foreach (var (silo, said) in others)
        {
            var isKnown = _seen.TryGetValue(silo, out var seen);
            if (!isKnown || wasAway || seen.Said != said)
            {
                var isInPace = isKnown && !wasAway && now - seen.At <= MaxGap;
                _seen[silo] = new Sight(said, now, seen.KeepsPace || (isInPace && seen.Said != said));
            }
        }

        var silent = _seen.Where(silo => silo.Value.KeepsPace && now - silo.Value.At >= limit).Select(silo => silo.Key).ToList();
        return 2 * silent.Count <= others.Count + 1 ? silent : [];
    }

    /// <param name="Said">What it wrote last.</param>
    /// <param name="At">Since when that has stood there, as far as this silo can say.</param>
    /// <param name="KeepsPace">It has been seen to write often.</param>
    private readonly record struct Sight(DateTime Said, TimeSpan At, bool KeepsPace);
}
