namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>A service as <c>docker-compose.yml</c> has it.</summary>
internal sealed class ComposeService(string name, IReadOnlyDictionary<string, object> settings)
{
    internal string Name => name;

    /// <summary>The stage of the Dockerfile; <see langword="null"/>: somebody else's image.</summary>
    internal string? Target => Mapping("build").GetValueOrDefault("target") as string;

    internal int Replicas => Mapping("deploy").GetValueOrDefault("replicas") is string count ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 1;

    internal IReadOnlyDictionary<string, string> Environment => Mapping("environment").ToDictionary(pair => pair.Key, pair => (string)pair.Value);

    internal IReadOnlyList<string> Ports => List("ports");

    /// <summary>Which services come first, and in which state they have to be.</summary>
    internal IReadOnlyDictionary<string, string> DependsOn =>
        Mapping("depends_on").ToDictionary(pair => pair.Key, pair => (string)ComposeFile.MappingOf(pair.Value)["condition"]);

    internal TimeSpan StopGracePeriod => ComposeFile.Duration((string)settings["stop_grace_period"]);

    internal IReadOnlyList<string> HealthCheck => Mapping("healthcheck").TryGetValue("test", out var test) ? ComposeFile.ListOf(test) : [];

    internal string? Value(string key) => settings.GetValueOrDefault(key) as string;

    internal IReadOnlyList<string> List(string key) => settings.TryGetValue(key, out var list) ? ComposeFile.ListOf(list) : [];

    private IReadOnlyDictionary<string, object> Mapping(string key) =>
        settings.TryGetValue(key, out var mapping) ? ComposeFile.MappingOf(mapping) : new Dictionary<string, object>();
}
