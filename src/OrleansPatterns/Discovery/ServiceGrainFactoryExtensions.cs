namespace OrleansPatterns.Discovery;

/// <summary>Finds service grains by the service's name.</summary>
public static class ServiceGrainFactoryExtensions
{
    /// <summary>The grain of one service. The only safe way to address it: a key of another form is refused.</summary>
    /// <param name="grains">A client's or silo's grain factory.</param>
    /// <param name="service">1 to 512 characters without control characters.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static IServiceGrain GetServiceGrain(this IGrainFactory grains, string service)
    {
        ArgumentNullException.ThrowIfNull(grains);
        return grains.GetServiceGrain(service, shard: 0);
    }

    /// <summary>The grain of one of a service's lists; see <see cref="ServiceShards"/>.</summary>
    internal static IServiceGrain GetServiceGrain(this IGrainFactory grains, string service, int shard) =>
        grains.GetGrain<IServiceGrain>(ServiceShards.GrainKey(service, shard));
}
