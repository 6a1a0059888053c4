using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;

namespace OrleansPatterns.Testing;

/// <summary>Hands one clock to all silos of a test cluster. Silo configurators are made by type name, so objects must be looked up.</summary>
internal static class TestClusterTime
{
    private const string ConfigurationKey = "OrleansPatterns:Testing:Time";

    private static readonly ConcurrentDictionary<string, TimeProvider> Clocks = new();

    internal static void Set(IDictionary<string, string?> properties, TimeProvider time)
    {
        var id = Guid.NewGuid().ToString("N");
        Clocks[id] = time;
        properties[ConfigurationKey] = id;
    }

    internal static TimeProvider? Find(IConfiguration configuration) =>
        configuration[ConfigurationKey] is { } id ? Clocks.GetValueOrDefault(id) : null;
}
