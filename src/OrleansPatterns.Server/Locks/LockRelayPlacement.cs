using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace OrleansPatterns.Server.Locks;

/// <summary>Places a relay on the silo that its key names, or, when that is gone, on any.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LockRelayPlacement")]
internal sealed class LockRelayPlacement : PlacementStrategy
{
}

/// <inheritdoc cref="LockRelayPlacement"/>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LockRelayPlacementAttribute() : PlacementAttribute(new LockRelayPlacement());

/// <inheritdoc cref="LockRelayPlacement"/>
internal sealed class LockRelayPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var key = target.GrainIdentity.Key.ToString();
        return Task.FromResult(
            Array.Find(silos, silo => silo.ToParsableString() == key) ?? silos[Random.Shared.Next(silos.Length)]);
    }
}
