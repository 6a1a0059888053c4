namespace OrleansPatterns.Server.Sagas;

internal static class SagaAttemptsExtensions
{
    /// <summary>A saga's grain as it is seen from within.</summary>
    internal static ISagaAttempts GetSagaAttempts(this IGrainFactory grains, string sagaId) =>
        grains.ReferTo<ISagaAttempts>(GrainKeys.GrainIdFor(PatternNames.Saga, ResourceKey.Parse(sagaId)));
}
