namespace OrleansPatterns.ChaosTests.Idempotency;

/// <summary>What the processes of the idempotency workload do; the value is the result as text.</summary>
internal static class IdempotencyActions
{
    /// <summary>To execute the key's work, or to get the result of whoever has.</summary>
    internal const string Execute = "execute";

    /// <summary>The same once the faults are over, of each key whose execution had been acknowledged.</summary>
    internal const string Replay = "replay";
}
