namespace OrleansPatterns.Sagas;

/// <summary>What became of a wish to start a saga.</summary>
public enum SagaStartOutcome
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>The saga was started by this call.</summary>
    Started = 1,

    /// <summary>The same saga was started before; nothing changed.</summary>
    AlreadyStarted = 2,

    /// <summary>A saga with this id exists with another definition or other data; nothing changed.</summary>
    Conflict = 3,

    /// <summary>The silo has no definition of this name; nothing was written.</summary>
    UnknownDefinition = 4,

    /// <summary>The data is not of the definition's type; nothing was written. <see cref="SagaStartReply.Fault"/> says what is wrong.</summary>
    InvalidData = 5,
}
