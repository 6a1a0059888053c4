namespace OrleansPatterns.Idempotency;

/// <summary>Addresses the grains of this pattern.</summary>
public static class IdempotencyGrainFactoryExtensions
{
    /// <summary>The grain of one key.</summary>
    /// <param name="grains">A client or a silo's grain factory.</param>
    /// <param name="key">The key; a string is a key in the default scope.</param>
    /// <exception cref="InvalidOperationException"><paramref name="key"/> is <c>default</c>.</exception>
    public static IIdempotencyGrain GetIdempotencyGrain(this IGrainFactory grains, IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.ReferTo<IIdempotencyGrain>(GrainKeys.GrainIdFor(PatternNames.Idempotency, key.ToResourceKey()));
    }
}
