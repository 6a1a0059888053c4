namespace OrleansPatterns.CircuitBreakers;

/// <summary>Finds breaker grains by the dependency's name.</summary>
public static class BreakerGrainFactoryExtensions
{
    /// <summary>The grain of one dependency. The only safe way to address it: a key of another form is refused.</summary>
    /// <param name="grains">A client's or silo's grain factory.</param>
    /// <param name="dependency">1 to 512 characters without control characters.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static IBreakerGrain GetBreakerGrain(this IGrainFactory grains, string dependency)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.GetGrain<IBreakerGrain>(GrainKeys.For(PatternNames.Breaker, ResourceKey.Parse(dependency)));
    }
}
