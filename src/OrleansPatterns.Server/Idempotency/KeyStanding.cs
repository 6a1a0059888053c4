namespace OrleansPatterns.Server.Idempotency;

/// <summary>What a record means at a moment.</summary>
internal enum KeyStanding
{
    None = 0,

    /// <summary>Free: nothing runs, nothing is remembered.</summary>
    Absent = 1,

    /// <summary>An executor is at work and its lease lasts.</summary>
    Running = 2,

    /// <summary>An executor was at work, and its lease has ended.</summary>
    Abandoned = 3,

    /// <summary>There is a result.</summary>
    Completed = 4,

    /// <summary>An operator has to decide.</summary>
    Parked = 5,
}
