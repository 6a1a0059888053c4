namespace OrleansPatterns.Locks;

/// <summary>Asks for a lock.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRequest")]
public sealed record LockRequest
{
    /// <summary>
    /// Names this request: the same on every repetition, another for every other request, not empty. Also what a holder proves itself by,
    /// so it is to be kept from others.
    /// </summary>
    [Id(0)]
    public required Guid RequestId { get; init; }

    /// <summary>Who asks, for people who look at the lock: 1 to 256 characters.</summary>
    [Id(1)]
    public required string Owner { get; init; }

    /// <summary>How long a grant lasts unless renewed. 1 second to 10 minutes.</summary>
    [Id(2)]
    public required TimeSpan Lease { get; init; }

    /// <summary>Whether to join the queue when another holds the lock. Default <see langword="false"/>: answer <see cref="LockOutcome.Busy"/>.</summary>
    [Id(3)]
    public bool Wait { get; init; }

    /// <summary>For how long the request has been waiting already; it is queued as if it had come that long ago. Default zero, not negative.</summary>
    [Id(4)]
    public TimeSpan WaitedFor { get; init; }
}
