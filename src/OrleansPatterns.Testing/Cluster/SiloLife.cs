namespace OrleansPatterns.Testing.Cluster;

/// <summary>Whether this silo was killed. Its code is in the test's process and may run on, but must not get through to anything.</summary>
internal sealed class SiloLife(TestClusterParts parts, ILocalSiloDetails silo) : IOutgoingGrainCallFilter
{
    internal SiloAddress Address => silo.SiloAddress;

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        // The silos' own news, by which the others learn that it is dead, get through.
        if (!context.TargetId.IsSystemTarget())
        {
            ThrowIfKilled();
        }

        return context.Invoke();
    }

    internal void ThrowIfKilled()
    {
        if (parts.IsKilled(silo.SiloAddress))
        {
            throw new SiloUnavailableException($"Silo {silo.SiloAddress} was killed by the test.");
        }
    }
}
