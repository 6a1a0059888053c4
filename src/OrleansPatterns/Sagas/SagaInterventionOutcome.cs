namespace OrleansPatterns.Sagas;

/// <summary>What became of an intervention.</summary>
public enum SagaInterventionOutcome
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>There is no such saga.</summary>
    NotFound = 1,

    /// <summary>It is done, and durable.</summary>
    Done = 2,

    /// <summary>It does not fit where the saga stands; nothing changed.</summary>
    Refused = 3,
}
