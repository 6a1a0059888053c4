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
    /// <summary>So often in a row must a silo have written in pace: others write now and then as well, and once at a time of their choice.</summary>
    private const int WritesInPace = 3;

    private readonly Dictionary<SiloAddress, Sight> _seen = [];
    private TimeSpan _lookedAt;
    private TimeSpan? _accusedAt;

    /// <summary>After so long without a look of its own this silo cannot say what the others did meanwhile: it may have been paused, or the database away.</summary>
    private TimeSpan MaxGap => 3 * pace;

    /// <summary>The table was read, after this silo had written into it itself.</summary>
    /// <param name="others">The active silos other than this one, and when they say that they were alive last.</param>
    /// <param name="askedAt">Before the table was read, by this silo's monotonic clock.</param>
    /// <param name="now">After it was read.</param>
    /// <returns>
    /// The one that has been silent longest, and for too long; one in <c>limit</c>, so that those who have to take its keys over can. Nobody when as many as
    /// half of three or more are silent, as then the fault is not theirs.
    /// </returns>
    internal SiloAddress? Look(IReadOnlyDictionary<SiloAddress, DateTime> others, TimeSpan askedAt, TimeSpan now)
    {
        var wasAway = now - _lookedAt > MaxGap;
        _lookedAt = now;
        foreach (var gone in _seen.Keys.Where(silo => !others.ContainsKey(silo)).ToList())
        {
            _seen.Remove(gone);
        }

        foreach (var (silo, said) in others)
        {
            See(silo, said, wasAway, now);
        }

        var silent = _seen.Where(silo => silo.Value.InPace >= WritesInPace && askedAt - silo.Value.At >= limit).ToList();
        if (silent.Count == 0 || (others.Count > 1 && 2 * silent.Count > others.Count) || now - _accusedAt < limit)
        {
            return null;
        }

        _accusedAt = now;
        return silent.MinBy(silo => silo.Value.At).Key;
    }

    private void See(SiloAddress silo, DateTime said, bool wasAway, TimeSpan now)
    {
        if (!_seen.TryGetValue(silo, out var seen))
        {
            _seen[silo] = new Sight(said, now, InPace: 0);
        }
        else if (wasAway || seen.Said != said)
        {
            // Who has shown that it does is expected to from then on.
            var inPace = seen.InPace >= WritesInPace ? seen.InPace : !wasAway && now - seen.At <= MaxGap ? seen.InPace + 1 : 0;
            _seen[silo] = new Sight(said, now, inPace);
        }
    }

    /// <param name="Said">What it wrote last.</param>
    /// <param name="At">Since when that has stood there, as far as this silo can say.</param>
    /// <param name="InPace">How often in a row it has been seen to write in pace.</param>
    private readonly record struct Sight(DateTime Said, TimeSpan At, int InPace);
}
