using OrleansPatterns.ChaosTests.Cluster;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>When a process was running, by its own pulses.</summary>
internal sealed class Uptime
{
    /// <summary>Between two pulses that are further apart the process was paused. Less is for its lease to bear.</summary>
    internal static readonly TimeSpan MaxGap = ChaosSettings.DiscoveryLease / 2;

    internal static readonly Uptime None = new([]);

    private readonly List<Stretch> _stretches;

    private Uptime(List<Stretch> stretches) => _stretches = stretches;

    /// <summary>The last pulse; null: there was none.</summary>
    internal long? EndsAt => _stretches is [.., var last] ? last.To : null;

    /// <param name="pulses">The <see cref="DiscoveryActions.Pulse"/>s of one process, in any order.</param>
    internal static Uptime Of(IEnumerable<Operation> pulses)
    {
        List<Stretch> stretches = [];
        foreach (var at in pulses.Select(static pulse => pulse.AnsweredAt).OfType<long>().Order())
        {
            if (stretches is [.., var last] && at - last.To <= MaxGap.TotalNanoseconds)
            {
                stretches[^1] = last with { To = at };
            }
            else
            {
                stretches.Add(new Stretch(at, at));
            }
        }

        return new Uptime(stretches);
    }

    /// <summary>The parts of a time in which the process was running, in order.</summary>
    internal IEnumerable<Stretch> Within(long from, long to) => _stretches
        .Where(stretch => stretch.From < to && stretch.To > from)
        .Select(stretch => new Stretch(Math.Max(stretch.From, from), Math.Min(stretch.To, to)));
}
