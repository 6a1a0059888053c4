namespace OrleansPatterns.ChaosTests.Histories;

/// <summary>What a process knows of what it asked for.</summary>
internal enum Outcome
{
    /// <summary>Nothing: there was no answer, or one that leaves it open. It may have happened, may happen yet, or never.</summary>
    Unknown = 0,

    /// <summary>It has happened, between the call and the answer.</summary>
    Ok = 1,

    /// <summary>It has not happened, and will not.</summary>
    Refused = 2,
}
