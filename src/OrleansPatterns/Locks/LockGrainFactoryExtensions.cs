namespace OrleansPatterns.Locks;

/// <summary>Addresses the grains of locks.</summary>
public static class LockGrainFactoryExtensions
{
    /// <summary>The grain of a lock.</summary>
    /// <param name="grains">The grain factory of a client or silo.</param>
    /// <param name="key">The lock's name: see <see cref="ResourceKey"/> for what is allowed.</param>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    public static ILockGrain GetLockGrain(this IGrainFactory grains, string key)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.ReferTo<ILockGrain>(GrainKeys.GrainIdFor(PatternNames.Lock, ResourceKey.Parse(key)));
    }
}
