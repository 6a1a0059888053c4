namespace OrleansPatterns.Sagas;

/// <summary>A saga was to be cancelled that is past its pivot, completed, or given up. Nothing changed.</summary>
[GenerateSerializer, Alias("OrleansPatterns.SagaCannotBeCancelledException")]
public sealed class SagaCannotBeCancelledException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="sagaId">The id.</param>
    /// <param name="phase">Where it stands.</param>
    /// <param name="pivot">The step that it is past; <see langword="null"/>: it is at its end.</param>
    public SagaCannotBeCancelledException(string sagaId, SagaPhase phase, string? pivot)
        : base(
            $"Saga '{sagaId}' cannot be cancelled any more: it is {phase}"
            + (pivot is null ? ". " : $" and past its pivot '{pivot}'. ")
            + "What it has done stands; undo it by a saga or a call of its own if need be.")
    {
        SagaId = sagaId;
        Phase = phase;
        Pivot = pivot;
    }

    /// <summary>The id.</summary>
    [Id(0)]
    public string SagaId { get; }

    /// <summary>Where it stands.</summary>
    [Id(1)]
    public SagaPhase Phase { get; }

    /// <summary>The step that it is past; <see langword="null"/>: it is at its end.</summary>
    [Id(2)]
    public string? Pivot { get; }
}
