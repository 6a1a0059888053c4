using System.Collections.Immutable;

namespace OrleansPatterns.Discovery;

/// <summary>The answer to the heartbeat of one process' instances of a service.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.HeartbeatReply")]
public sealed record HeartbeatReply
{
    /// <summary>Those that are not in the list. Register them again.</summary>
    [Id(0)]
    public ImmutableArray<string> Unknown { get; init; } = [];

    /// <summary>The silo that has the list, so that the next heartbeats of a process can go together; may be out of date.</summary>
    [Id(1)]
    public string? Silo { get; init; }

    /// <summary>Among how many lists the service's instances are spread; see <see cref="IServiceGrain"/>.</summary>
    [Id(2)]
    public int Shards { get; init; } = 1;
}
