using System.Collections.Immutable;

namespace OrleansPatterns.Sagas;

/// <summary>Which sagas to list: those that meet everything that is set.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.SagaQuery")]
public sealed record SagaQuery
{
    /// <summary>The name of the definition; <see langword="null"/> (default): any.</summary>
    [Id(0)]
    public string? Definition { get; init; }

    /// <summary>Where they stand; <see langword="null"/> (default): anywhere.</summary>
    [Id(1)]
    public SagaPhase? Phase { get; init; }

    /// <summary>
    /// A step that they are at; <see langword="null"/> (default): any. Listed as of when the saga last began to wait, was stuck, or for one that runs
    /// all the time, up to <see cref="SagaOptions.RecoveryInterval"/> ago.
    /// </summary>
    [Id(2)]
    public string? Step { get; init; }

    /// <summary>Only those that were started at least so long ago; <see langword="null"/> (default): of any age.</summary>
    [Id(3)]
    public TimeSpan? MinAge { get; init; }

    /// <summary>Values of <see cref="ISagaBuilder{TData}.SearchAttribute"/>, all of which must be equal. Default: none.</summary>
    [Id(4)]
    public ImmutableDictionary<string, string> Attributes { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>At most this many, the most recently changed first. Default 100. 1 to 1,000.</summary>
    [Id(5)]
    public int MaxCount { get; init; } = 100;

    /// <summary>Only those whose id contains this, compared ordinally; <see langword="null"/> or empty (default): any.</summary>
    [Id(6)]
    public string? IdContains { get; init; }

    /// <summary>
    /// Only those that come behind the one with this <see cref="SagaListing.Cursor"/>, for the next page; <see langword="null"/> (default): from the
    /// beginning. One that changes between two pages moves to the front.
    /// </summary>
    [Id(7)]
    public string? After { get; init; }
}
