namespace OrleansPatterns.Tests.Locks;

/// <summary>A rule that a simulation can do without, to show that it is needed.</summary>
internal enum LockRule
{
    None = 0,

    /// <summary>A fresh activation grants nothing new before what earlier ones gave is over.</summary>
    WaitForEarlierGrants = 1,

    /// <summary>A grant after waiting lasts two seconds from the sending of the call, unless it is confirmed.</summary>
    ConfirmationOfParkedGrants = 2,

    /// <summary>What was broken is not adopted.</summary>
    TokenFloor = 3,

    /// <summary>Whoever expired is over only after a later write.</summary>
    WriteBeforeTakeover = 4,

    /// <summary>Only the activation that was replaced directly can tell who holds the lock.</summary>
    LegacyOfThePredecessor = 5,

    /// <summary>What was told of a holder that has renewed here lasts as long as the longer of both promises.</summary>
    LongerPromiseOfLegacy = 6,

    /// <summary>Whoever was broken here may have been renewed by the activation before, and is waited out.</summary>
    WaitForBrokenOfLegacy = 7,
}
