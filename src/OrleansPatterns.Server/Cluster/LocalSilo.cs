using OrleansPatterns.Cluster;

namespace OrleansPatterns.Server.Cluster;

/// <inheritdoc cref="ILocalSilo"/>
internal sealed class LocalSilo(ISiloStatusOracle oracle) : ILocalSilo
{
    public SiloStatus Status => oracle.CurrentStatus;
}
