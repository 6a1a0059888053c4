using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>The definition of linearizability, tried out literally, for histories so small that nothing need be clever.</summary>
/// <remarks>
/// Unlike <see cref="LockLinearizability"/> it lets what is of unknown outcome happen or not, and has a hold keep the lock from its begin to its end.
/// </remarks>
internal static class EveryOrder
{
    /// <summary>The grant of somebody who never learned of it.</summary>
    private const long Ghost = -1;

    internal static bool Allows(IReadOnlyList<Operation> history) =>
        Allows([.. history.SelectMany(Events)], new State(Highest: 0, Holder: null, Holds: 0));

    private static IEnumerable<Event> Events(Operation operation)
    {
        if (operation.Outcome == Outcome.Refused)
        {
            return [];
        }

        var token = operation.Token ?? Ghost;
        if (operation.Action != LockActions.Hold)
        {
            var isOptional = operation.Outcome == Outcome.Unknown;
            return [new(operation.Action, token, operation.CalledAt, isOptional ? long.MaxValue : operation.AnsweredAt ?? long.MaxValue, isOptional)];
        }

        return operation.AnsweredAt is { } end && end != operation.CalledAt
            ? [Instant("begin", operation.CalledAt), Instant("end", end)]
            : [Instant("moment", operation.CalledAt)];

        Event Instant(string action, long at) => new(action, token, at, at, IsOptional: false);
    }

    private static bool Allows(List<Event> left, State state) =>
        left.TrueForAll(one => one.IsOptional)
        || left
            .Where(one => left.TrueForAll(other => other.AnsweredAt >= one.CalledAt))
            .Any(one => After(state, one) is { } next && Allows([.. left.Where(other => !ReferenceEquals(other, one))], next));

    private static State? After(State state, Event one) => one.Action switch
    {
        LockActions.Acquire when state.Holds > 0 => null,
        LockActions.Acquire when one.Token == Ghost => state with { Holder = Ghost },
        LockActions.Acquire => one.Token > state.Highest ? new State(one.Token, one.Token, Holds: 0) : null,
        LockActions.Release when state.Holder != one.Token => state,
        LockActions.Release => state.Holds > 0 ? null : state with { Holder = null },
        _ when state.Holder != one.Token => null,
        "begin" => state with { Holds = state.Holds + 1 },
        "end" => state with { Holds = state.Holds - 1 },
        _ => state,
    };

    private sealed record Event(string Action, long Token, long CalledAt, long AnsweredAt, bool IsOptional);

    private sealed record State(long Highest, long? Holder, int Holds);
}
