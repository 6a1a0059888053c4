using OrleansPatterns.Postgres.Batching;

namespace OrleansPatterns.Postgres.Storage;

/// <summary>A read of one state.</summary>
internal sealed class StateRead(StateKey key) : BatchItem(key: null, bytes: 0)
{
    internal StateKey State => key;

    /// <summary>The stored version; <see langword="null"/>: there is no row.</summary>
    internal int? Version { get; private set; }

    /// <summary>The stored payload; <see langword="null"/>: no row, or one that was cleared.</summary>
    internal byte[]? Payload { get; private set; }

    internal void Found(int? version, byte[]? payload)
    {
        (Version, Payload) = (version, payload);
        Succeed();
    }

    internal override Exception Refused(Exception fault) => fault;

    internal override Exception GivenUp(string reason, Exception? fault) => new TimeoutException($"Not read: {key}. {reason}", fault);
}
