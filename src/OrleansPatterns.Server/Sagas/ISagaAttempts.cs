using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

/// <summary>
/// What a saga's grain hears from within: from its attempts, through the directory like any caller, so that a replaced activation decides nothing; from
/// sagas that it is a step of, or that are steps of it.
/// </summary>
[Alias("OrleansPatterns.ISagaAttempts")]
internal interface ISagaAttempts : IGrainWithStringKey
{
    /// <summary>The record as it is stored, for those who may not wait for it in the turns of others.</summary>
    [Alias("GetRecord")]
    Task<SagaRecord> GetRecordAsync();

    /// <summary>Records how an attempt ended and goes on. An answer to any other than an open attempt is ignored.</summary>
    [Alias("Complete")]
    Task CompleteAttemptAsync(SagaAttemptReport report);

    /// <summary>Whether an attempt is still to be run, by what is stored and not by what this activation remembers.</summary>
    [Alias("Confirm")]
    Task<bool> ConfirmAttemptAsync(int step, SagaDirection direction, int attempt);

    /// <summary>There may be room now for actions that had to wait.</summary>
    [Alias("Proceed")]
    Task ProceedAsync();

    /// <summary>A saga that is a step of this one has ended.</summary>
    [Alias("ChildEnded")]
    Task ChildEndedAsync(string stepName, SagaPhase phase, string dataJson, string? reason);

    /// <summary>The step that this saga is has to be undone.</summary>
    [Alias("Undo")]
    Task<SagaUndoReply> UndoAsync(SagaParent parent, string definition);
}
