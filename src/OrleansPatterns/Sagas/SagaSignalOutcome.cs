namespace OrleansPatterns.Sagas;

/// <summary>What became of a signal.</summary>
public enum SagaSignalOutcome
{
    /// <summary>Not an answer.</summary>
    None = 0,

    /// <summary>There is no such saga.</summary>
    NotFound = 1,

    /// <summary>It is durable: its step has gone on, or will find it when its turn comes. Also the answer to a repetition.</summary>
    Accepted = 2,

    /// <summary>No step of the definition waits for a signal of this name.</summary>
    UnknownSignal = 3,

    /// <summary>What came with it is not of the type that the step waits for.</summary>
    InvalidPayload = 4,

    /// <summary>Each step that waits for it has had its signal, or has been passed over.</summary>
    NotAwaited = 5,

    /// <summary>The saga is at its end or is being undone.</summary>
    Ended = 6,

    /// <summary>The signals that the saga keeps for later would be over <see cref="SagaOptions.MaxDataBytes"/>.</summary>
    TooLarge = 7,

    /// <summary>The definition is not registered on the silo, so nobody knows what it waits for.</summary>
    UnknownDefinition = 8,
}
