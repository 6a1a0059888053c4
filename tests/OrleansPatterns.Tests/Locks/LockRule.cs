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
}
