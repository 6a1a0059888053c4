namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>What one process' list said of one instance in the course of time.</summary>
/// <param name="Watcher">The process.</param>
/// <param name="Uptime">When that was running.</param>
/// <param name="Instance">The instance.</param>
/// <param name="Changes">In order. Before the first it was missing.</param>
internal sealed record Sightings(string Watcher, Uptime Uptime, InstanceLife Instance, IReadOnlyList<Sighting> Changes)
{
    /// <summary>What it said in a time, without a gap.</summary>
    internal IEnumerable<(Sight Sight, Stretch When)> Within(Stretch time)
    {
        var (sight, from) = (Sight.Missing, time.From);
        foreach (var change in Changes.TakeWhile(change => change.At < time.To))
        {
            if (change.At > from)
            {
                yield return (sight, new Stretch(from, change.At));
                from = change.At;
            }

            sight = change.Sight;
        }

        yield return (sight, new Stretch(from, time.To));
    }
}
