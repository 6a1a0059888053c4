using OrleansPatterns.Discovery;

namespace OrleansPatterns.Server.Discovery;

/// <summary>An instance and how long it stays without a heartbeat.</summary>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.LeasedInstance")]
internal sealed record LeasedInstance([property: Id(0)] ServiceInstance Instance, [property: Id(1)] TimeSpan Lease);
