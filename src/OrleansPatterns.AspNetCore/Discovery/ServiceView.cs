using OrleansPatterns.Discovery;

namespace OrleansPatterns.AspNetCore.Discovery;

/// <summary>A service to look at.</summary>
internal sealed record ServiceView(string Name, long Version, bool IsProtected, int Shards, IReadOnlyList<InstanceView> Instances)
{
    internal static ServiceView Of(string name, ServiceStatus status) => new(
        name, status.Version, status.IsProtected, status.Shards, [.. status.Instances.Select(InstanceView.Of)]);
}
