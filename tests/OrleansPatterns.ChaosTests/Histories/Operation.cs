namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>One thing that a process asked for or did, with when it was called and answered.</summary>
/// <remarks>
/// Times are timestamps of the machine's monotonic clock, in nanoseconds, which all processes of a machine share: a clock offset that the nemesis gives a
/// process does not reach them.
/// </remarks>
internal sealed record Operation
{
    /// <summary>The process, as in "worker-2#1": the second start of it.</summary>
    public required string Process { get; init; }

    /// <summary>What was asked for: one of the constants of a pattern's workload.</summary>
    public required string Action { get; init; }

    public required string Key { get; init; }

    public required long CalledAt { get; init; }

    /// <summary>Null: there was no answer, or the process died before it could note one.</summary>
    public long? AnsweredAt { get; init; }

    public Outcome Outcome { get; init; }

    /// <summary>The fencing token that was got or used.</summary>
    public long? Token { get; init; }

    /// <summary>The result that was got, or the value that was written.</summary>
    public string? Value { get; init; }

    /// <summary>Why it was refused or is unknown, for people to read.</summary>
    public string? Detail { get; init; }
}
