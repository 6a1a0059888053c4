namespace OrleansPatterns.Idempotency;

/// <summary>Addresses the grains of this pattern.</summary>
public static class IdempotencyGrainFactoryExtensions
{
    /// <summary>
    /// Orleans' name of the interface, the same in every cluster. Asked by CLR type, Orleans looks it up by reflection each time, and keys are so many
    /// that nearly every call makes a new reference.
    /// </summary>
    private static NamedInterface? _interface;

    /// <summary>The grain of one key.</summary>
    /// <param name="grains">A client or a silo's grain factory.</param>
    /// <param name="key">The key; a string is a key in the default scope.</param>
    /// <exception cref="InvalidOperationException"><paramref name="key"/> is <c>default</c>.</exception>
    public static IIdempotencyGrain GetIdempotencyGrain(this IGrainFactory grains, IdempotencyKey key)
    {
        ArgumentNullException.ThrowIfNull(grains);
        var grainId = GrainKeys.GrainIdFor(PatternNames.Idempotency, key.ToResourceKey());
        _interface ??= new NamedInterface(((GrainReference)grains.GetGrain<IIdempotencyGrain>(grainId)).InterfaceType);
        return (IIdempotencyGrain)grains.GetGrain(grainId, _interface.Name);
    }

    private sealed record NamedInterface(GrainInterfaceType Name);
}
