namespace OrleansPatterns.Server.Sagas;

/// <summary>What a child saga says to being undone.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaUndoReply")]
internal sealed record SagaUndoReply
{
    /// <summary>It is being undone, or is undone.</summary>
    internal static SagaUndoReply Undoing { get; } = new() { IsUndoing = true };

    /// <summary>It is not the child of whoever asks, which was never started.</summary>
    internal static SagaUndoReply NothingToUndo { get; } = new();

    [Id(0)]
    public bool IsUndoing { get; init; }

    /// <summary>Why it cannot be undone; null: it can, or need not.</summary>
    [Id(1)]
    public string? Refusal { get; init; }

    /// <summary>Whether it never will be: trying again is of no use.</summary>
    [Id(2)]
    public bool IsForGood { get; init; }

    /// <summary>It cannot be undone as things are, for instance without its definition.</summary>
    internal static SagaUndoReply Refused(string reason) => new() { Refusal = reason };

    /// <summary>It cannot be undone any more.</summary>
    internal static SagaUndoReply RefusedForGood(string reason) => new() { Refusal = reason, IsForGood = true };
}
