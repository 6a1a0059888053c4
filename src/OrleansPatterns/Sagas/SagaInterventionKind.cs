namespace OrleansPatterns.Sagas;

/// <summary>What an operator can do with a saga that is stuck or parked.</summary>
public enum SagaInterventionKind
{
    /// <summary>Not an intervention.</summary>
    None = 0,

    /// <summary>Go on where it stopped, with all attempts anew.</summary>
    Retry = 1,

    /// <summary>Pass over a step, or its compensation, and go on.</summary>
    Skip = 2,

    /// <summary>Turn round and undo.</summary>
    Compensate = 3,

    /// <summary>End it as it is.</summary>
    GiveUp = 4,
}
