namespace OrleansPatterns.Idempotency;

/// <summary>An executor's report that its work is done.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.CompleteRequest")]
public sealed record CompleteRequest
{
    /// <summary>As JSON, where it becomes a third larger, it must still fit into a state of 16 MiB.</summary>
    internal const int ResultBytesCeiling = 8 * 1024 * 1024;

    /// <summary>The token that <see cref="BeginReply.ExecutionToken"/> gave.</summary>
    [Id(0)]
    public required long ExecutionToken { get; init; }

    /// <summary>The result, at most 8 MiB; <see langword="null"/>: it is too large to be stored.</summary>
    [Id(1)]
    public required byte[]? Result { get; init; }

    /// <summary>The size in bytes of a result that is too large to be stored; otherwise 0.</summary>
    [Id(2)]
    public int OmittedResultBytes { get; init; }

    /// <summary>How long the result is remembered. Greater than zero, at most 366 days.</summary>
    [Id(3)]
    public required TimeSpan Retention { get; init; }
}
