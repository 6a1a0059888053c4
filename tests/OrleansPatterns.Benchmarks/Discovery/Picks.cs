using Microsoft.Extensions.ServiceDiscovery;
using OrleansPatterns.Discovery;

namespace OrleansPatterns.Benchmarks.Discovery;

/// <summary>What is under measurement. BenchmarkDotNet makes its own instances, so it is handed over here.</summary>
public static class Picks
{
    /// <summary>Registered in both, with as many instances.</summary>
    internal const string Service = "payments";

    internal static IServiceRegistry? Registry { get; set; }

    internal static ServiceEndpointResolver? Resolver { get; set; }
}
