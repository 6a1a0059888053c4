namespace OrleansPatterns.Server.Sagas;

/// <summary>What the key of an action tells once it is sealed.</summary>
internal enum SagaStepSealOutcome
{
    /// <summary>Nothing: whoever ran did not use the key, or was lost.</summary>
    Unknown = 0,

    /// <summary>Work was completed under it.</summary>
    Happened = 1,
}
