namespace OrleansPatterns.ChaosTests.Locks;

/// <summary>What the processes of the locks' workload do; the key is that of an exclusive lock.</summary>
internal static class LockActions
{
    /// <summary>Ok: it was got, with the fencing token. Refused: it was not.</summary>
    internal const string Acquire = "acquire";

    /// <summary>From the call to the answer the process held the lock by its own account. One grant may have several.</summary>
    internal const string Hold = "hold";

    internal const string Release = "release";

    /// <summary>To a resource that checks fencing tokens. Ok: it was accepted. Refused: the token was outdated.</summary>
    internal const string Write = "write";
}
