using System.Numerics;
using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>
/// Whether there is an order, true to the real times, in which a <see cref="LockModel"/> could have given all answers.
/// </summary>
/// <remarks>
/// <para>
/// The search is that of Wing and Gong with the memory of Lowe ("Testing for linearizability", 2017) in the just-in-time form that Knossos calls linear: it
/// goes through the calls and answers in the order of time with the set of all pairs of linearized operations and state that are still possible. Only an
/// answer forces operations to be linearized, and the first that leaves no pair ends the shortest prefix that has no order.
/// </para>
/// <para>
/// A hold is two points, its begin and its end. That says as much as the whole interval: a token becomes the holder once at most, as the next one to be
/// granted must be higher, so who is the holder at both has been so in between.
/// </para>
/// <para>
/// Acquires and releases of unknown outcome are left out, which is exact and spares the search their exponential cost. They may never have
/// happened; and when they did, all they can do is to end a grant, since an acquire without a known token has no holds. So any order with them
/// is still one without them.
/// </para>
/// </remarks>
internal static class LockLinearizability
{
    /// <summary>Operations in flight at once; the linearized among them are the bits of a number.</summary>
    private const int Slots = 64;

    /// <summary>Of each key by itself: a history is linearizable if those of its objects are.</summary>
    internal static IEnumerable<string> Violations(IReadOnlyList<Operation> history) => history
        .GroupBy(operation => operation.Key, StringComparer.Ordinal)
        .Select(one => Violation([.. one]))
        .OfType<string>();

    /// <summary>Null, or the answer at which no order was left and what the lock could have been before it.</summary>
    /// <param name="operations">Of one key.</param>
    internal static string? Violation(IReadOnlyList<Operation> operations)
    {
        var events = operations
            .SelectMany(Points)
            .SelectMany(point => new[] { (At: point.CalledAt, IsAnswer: false, Point: point), (At: point.AnsweredAt, IsAnswer: true, Point: point) })
            .OrderBy(one => one.At)
            .ThenBy(one => one.IsAnswer); // What is called at the instant of an answer is concurrent with it.
        var pending = new Point?[Slots];
        HashSet<Configuration> possible = [new(Linearized: 0, new LockModel(Highest: 0, Holder: null))];
        foreach (var (at, isAnswer, point) in events)
        {
            if (!isAnswer)
            {
                point.Slot = Array.IndexOf(pending, null);
                if (point.Slot < 0)
                {
                    throw new ArgumentException($"More than {Slots} operations are in flight at {at}.", nameof(operations));
                }

                pending[point.Slot] = point;
                continue;
            }

            var next = Linearize(point, pending, possible);
            if (next.Count == 0)
            {
                var prefix = operations.Count(operation => operation.CalledAt <= at);
                var states = string.Join(" or ", possible.Select(configuration => configuration.State).Distinct());
                return $"{point.Operation.Key}: no order of the first {prefix} of {operations.Count} operations fits a lock, "
                    + $"and it is the {point.Name} that fits nowhere; before it the lock was {states}";
            }

            possible = next;
            pending[point.Slot] = null;
        }

        return null;
    }

    private static IEnumerable<Point> Points(Operation operation)
    {
        if (operation.Token is not { } token)
        {
            yield break;
        }

        switch (operation)
        {
            case { Action: LockActions.Hold }:
                yield return new(operation, "begin of the ", token, operation.CalledAt, operation.CalledAt);
                if (operation.AnsweredAt is { } end)
                {
                    yield return new(operation, "end of the ", token, end, end);
                }

                break;
            case { Action: LockActions.Acquire or LockActions.Release, Outcome: Outcome.Ok }:
                yield return new(operation, "", token, operation.CalledAt, operation.AnsweredAt ?? long.MaxValue);
                break;
        }
    }

    /// <summary>All that is possible once this one has been linearized, after whichever others in flight it takes.</summary>
    private static HashSet<Configuration> Linearize(Point answered, Point?[] pending, HashSet<Configuration> possible)
    {
        var bit = 1UL << answered.Slot;
        var inFlight = pending.OfType<Point>().Aggregate(0UL, (bits, point) => bits | (1UL << point.Slot));
        HashSet<Configuration> next = [];
        HashSet<Configuration> seen = [.. possible];
        var open = new Stack<Configuration>(possible);
        while (open.TryPop(out var configuration))
        {
            if ((configuration.Linearized & bit) != 0)
            {
                // Its slot is free for another.
                next.Add(configuration with { Linearized = configuration.Linearized & ~bit });
                continue;
            }

            for (var left = inFlight & ~configuration.Linearized; left != 0; left &= left - 1)
            {
                var point = pending[BitOperations.TrailingZeroCount(left)]!;
                if (configuration.State.After(point.Operation.Action, point.Token) is { } state)
                {
                    var further = new Configuration(configuration.Linearized | (1UL << point.Slot), state);
                    if (seen.Add(further))
                    {
                        open.Push(further);
                    }
                }
            }
        }

        return next;
    }

    private readonly record struct Configuration(ulong Linearized, LockModel State);

    /// <summary>What takes effect at one instant between its call and its answer.</summary>
    private sealed class Point(Operation operation, string part, long token, long calledAt, long answeredAt)
    {
        internal Operation Operation => operation;

        internal string Name => $"{part}{operation.Describe()}";

        internal long Token => token;

        internal long CalledAt => calledAt;

        internal long AnsweredAt => answeredAt;

        internal int Slot { get; set; }
    }
}
