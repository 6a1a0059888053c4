namespace OrleansPatterns.Tests.Locks;

/// <summary>A grain of somebody's that takes the lock of its own key.</summary>
[Alias("OrleansPatterns.Tests.ILockingGrain")]
public interface ILockingGrain : IGrainWithStringKey
{
    [Alias("Take")]
    Task<long> TakeAsync();
}
