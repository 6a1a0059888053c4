namespace OrleansPatterns.Sagas;

/// <summary>Addresses the grains of this pattern.</summary>
public static class SagaGrainFactoryExtensions
{
    /// <summary>The grain of one saga.</summary>
    /// <param name="grains">A client or a silo's grain factory.</param>
    /// <param name="sagaId">The saga's id.</param>
    /// <exception cref="ArgumentException">The id is no valid <see cref="ResourceKey"/>.</exception>
    public static ISagaGrain GetSagaGrain(this IGrainFactory grains, string sagaId)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.ReferTo<ISagaGrain>(GrainKeys.GrainIdFor(PatternNames.Saga, ResourceKey.Parse(sagaId)));
    }
}
