using Orleans.Concurrency;

namespace OrleansPatterns.Server.Locks;

/// <summary>What two activations of one lock have to say to each other.</summary>
[Alias("OrleansPatterns.ILockSuccession")]
internal interface ILockSuccession : IGrainWithStringKey
{
    /// <summary>From an activation that was replaced: who held the lock when it ceased to speak for it.</summary>
    [OneWay]
    [Alias("TakeOver")]
    Task TakeOverAsync(LockRecord legacy);
}
