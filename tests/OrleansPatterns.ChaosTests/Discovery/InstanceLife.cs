using OrleansPatterns.ChaosTests.Histories;

namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>From when to when an instance was to be listed, by what its process has noted.</summary>
internal sealed record InstanceLife
{
    public required InstanceKey Key { get; init; }

    public required Uptime Uptime { get; init; }

    /// <summary>When it was acknowledged. Null: nobody has told its process that it is in the list.</summary>
    public required long? RegisteredAt { get; init; }

    /// <summary>When its process began to deregister it. Null: that never came to it.</summary>
    public required long? LeavesAt { get; init; }

    /// <summary>When that was acknowledged. Null: it was not.</summary>
    public required long? GoneAt { get; init; }

    /// <summary>After that there was nobody to tell that it lives.</summary>
    public required long DiedAt { get; init; }

    /// <param name="calls">Its <see cref="DiscoveryActions.Register"/>s, and its <see cref="DiscoveryActions.Deregister"/> if there is one.</param>
    /// <param name="uptime">Of its process.</param>
    internal static InstanceLife Of(IReadOnlyList<Operation> calls, Uptime uptime)
    {
        var registeredAt = calls.Where(static call => call is { Action: DiscoveryActions.Register, Outcome: Outcome.Ok }).Min(static call => call.AnsweredAt);
        var leaving = calls.FirstOrDefault(static call => call.Action == DiscoveryActions.Deregister);
        return new InstanceLife
        {
            Key = InstanceKey.Parse(calls[0].Key),
            Uptime = uptime,
            RegisteredAt = registeredAt,
            LeavesAt = leaving?.CalledAt,
            GoneAt = leaving is { Outcome: Outcome.Ok } ? leaving.AnsweredAt : null,
            DiedAt = leaving is null
                ? Math.Max(uptime.EndsAt ?? 0, registeredAt ?? calls.Max(static call => call.CalledAt))
                : leaving.AnsweredAt ?? leaving.CalledAt,
        };
    }

    /// <summary>When it was registered and its process was running.</summary>
    internal IEnumerable<Stretch> Beating => RegisteredAt is { } at ? Uptime.Within(at, LeavesAt ?? long.MaxValue) : [];
}
