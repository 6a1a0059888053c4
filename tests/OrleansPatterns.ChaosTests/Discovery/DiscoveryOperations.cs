using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>The lines of the histories that the checker is tested with. Times are in seconds.</summary>
internal static class DiscoveryOperations
{
    internal const string Service = "orders";

    private const long Second = 1_000_000_000;

    private static readonly Guid Epoch = new(1, 0, 0, new byte[8]);

    /// <summary>A pulse each second, the first and the last included.</summary>
    internal static Operation[] Running(string process, int from, int to) =>
        [.. Enumerable.Range(from, to - from + 1).Select(at => Line(DiscoveryActions.Pulse, process, "", at - 1, at, Outcome.Ok))];

    internal static Operation Register(string process, string id, double calledAt, double? answeredAt) =>
        Line(DiscoveryActions.Register, process, $"{Service}/{id}", calledAt, answeredAt, answeredAt is null ? Outcome.Unknown : Outcome.Ok);

    internal static Operation Deregister(string process, string id, double calledAt, double? answeredAt) =>
        Line(DiscoveryActions.Deregister, process, $"{Service}/{id}", calledAt, answeredAt, answeredAt is null ? Outcome.Unknown : Outcome.Ok);

    internal static Operation Find(string process, double calledAt) =>
        Line(DiscoveryActions.Find, process, Service, calledAt, null, Outcome.Unknown);

    /// <param name="process">Who saw the list.</param>
    /// <param name="at">When.</param>
    /// <param name="version">Its version.</param>
    /// <param name="list">As in "a=Up b=Down".</param>
    /// <param name="epoch">Its epoch; null: the one that all have.</param>
    internal static Operation See(string process, double at, long version, string list, Guid? epoch = null) =>
        Line(DiscoveryActions.See, process, Service, at, at, Outcome.Ok) with { Token = version, Value = $"{epoch ?? Epoch:N} {list}".TrimEnd() };

    private static Operation Line(string action, string process, string key, double calledAt, double? answeredAt, Outcome outcome) => new()
    {
        Process = process,
        Action = action,
        Key = key,
        CalledAt = (long)(calledAt * Second),
        AnsweredAt = answeredAt is { } at ? (long)(at * Second) : null,
        Outcome = outcome,
    };
}
