using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace OrleansPatterns.Server.Cluster;

/// <summary>Places a grain on the silo that its key names, or, when that is gone, on any.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.NamedSiloPlacement")]
internal sealed class NamedSiloPlacement : PlacementStrategy
{
    /// <summary>The key of grains on a silo.</summary>
    internal static string KeyOf(ILocalSiloDetails silo) => silo.SiloAddress.ToParsableString();

    internal static void AddTo(IServiceCollection services)
    {
        if (services.All(service => service.ServiceType != typeof(NamedSiloPlacementDirector)))
        {
            services.TryAddSingleton<NamedSiloPlacementDirector>();
            services.AddPlacementDirector<NamedSiloPlacement, NamedSiloPlacementDirector>();
        }
    }
}

/// <inheritdoc cref="NamedSiloPlacement"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NamedSiloPlacementAttribute() : PlacementAttribute(new NamedSiloPlacement());

/// <inheritdoc cref="NamedSiloPlacement"/>
internal sealed class NamedSiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var key = target.GrainIdentity.Key.ToString();
        return Task.FromResult(
            Array.Find(silos, silo => silo.ToParsableString() == key) ?? silos[Random.Shared.Next(silos.Length)]);
    }
}
