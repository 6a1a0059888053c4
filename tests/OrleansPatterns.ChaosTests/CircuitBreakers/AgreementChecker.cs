using System.Globalization;
using OrleansPatterns.ChaosTests.Histories;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>Two processes that both go by the cluster's word, and for long do otherwise.</summary>
internal static class AgreementChecker
{
    private sealed record Disagreement(string One, BreakerState OneSaw, string Other, BreakerState OtherSaw, long From, long Until);

    /// <param name="operations">Of one breaker.</param>
    /// <param name="bound">For how long they may.</param>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> operations, TimeSpan bound) => Disagreements(operations)
        .Where(disagreement => disagreement.Until - disagreement.From > bound.TotalNanoseconds)
        .Select(disagreement => string.Create(
            CultureInfo.InvariantCulture,
            $"{disagreement.One} ({disagreement.OneSaw}) and {disagreement.Other} ({disagreement.OtherSaw}) disagreed for {Length(disagreement).TotalSeconds:0.0} s, at {disagreement.From}..{disagreement.Until}"));

    /// <param name="operations">Of one breaker.</param>
    internal static TimeSpan Longest(IReadOnlyList<Operation> operations) => Disagreements(operations).Select(Length).DefaultIfEmpty().Max();

    private static TimeSpan Length(Disagreement disagreement) => TimeSpan.FromMicroseconds((disagreement.Until - disagreement.From) / 1000.0);

    private static IEnumerable<Disagreement> Disagreements(IReadOnlyList<Operation> operations)
    {
        Dictionary<string, BreakerState> present = new(StringComparer.Ordinal);
        Dictionary<(string One, string Other), Disagreement> current = [];
        foreach (var (at, process, state) in BreakerSights.Of(operations).SelectMany(Changes).OrderBy(change => change.At))
        {
            present.Remove(process);
            foreach (var (other, otherState) in present)
            {
                var pair = string.CompareOrdinal(process, other) < 0 ? (process, other) : (other, process);
                if (state != BreakerState.None && state != otherState)
                {
                    current.TryAdd(pair, pair.Item1 == process ? new(process, state, other, otherState, at, at) : new(other, otherState, process, state, at, at));
                }
                else if (current.Remove(pair, out var disagreement))
                {
                    yield return disagreement with { Until = at };
                }
            }

            if (state != BreakerState.None)
            {
                present.Add(process, state);
            }
        }
    }

    /// <summary>None: it has nothing to say any more.</summary>
    private static IEnumerable<(long At, string Process, BreakerState State)> Changes(IReadOnlyList<BreakerSight> sights)
    {
        for (var index = 0; index < sights.Count; index++)
        {
            var sight = sights[index];
            yield return (sight.From, sight.Process, sight.Shared);
            if (index + 1 == sights.Count || sights[index + 1].From > sight.Until)
            {
                yield return (sight.Until, sight.Process, BreakerState.None);
            }
        }
    }
}
