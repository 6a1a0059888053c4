using Orleans.Concurrency;

namespace OrleansPatterns.Locks;

/// <summary>Is told when a hold ends against its holder's will.</summary>
[Alias("OrleansPatterns.ILockObserver")]
public interface ILockObserver : IGrainObserver
{
    /// <summary>An operator has broken the hold. May be lost on its way; the next renewal tells as well.</summary>
    /// <param name="requestId">The request that held the lock.</param>
    [Alias("Broken")]
    [OneWay]
    Task BrokenAsync(Guid requestId);
}
