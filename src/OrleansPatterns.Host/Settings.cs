using System.Reflection;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>All that can be set from outside, for instance by environment variables: <c>docs/deployment.md</c> has them.</summary>
internal static class Settings
{
    internal const string ConnectionString = "OrleansPatterns";

    /// <summary>What Orleans reads from its own section. A cluster id that is misspelt would be the one of another cluster.</summary>
    private static readonly string[] OfOrleans =
    [
        "ClusterId", "ServiceId", "Name", "EnableDistributedTracing", "Messaging", "Endpoints", "Clustering", "Reminders", "Journaling", "BroadcastChannel",
        "Streaming", "GrainStorage", "GrainDirectory",
    ];

    private static readonly IReadOnlyList<PropertyInfo> OfRoot = [.. SettingsCheck.PropertiesOf(typeof(SiloSettings))];
    private static readonly IReadOnlyList<PropertyInfo> OfOperators = [.. SettingsCheck.PropertiesOf(typeof(OperatorSettings))];

    /// <summary>Everything that is wrong with the settings themselves; what values options may have they check when the silo starts.</summary>
    internal static IReadOnlyList<string> Complaints(IConfiguration configuration)
    {
        List<string> complaints = [];
        if (string.IsNullOrWhiteSpace(configuration.GetConnectionString(ConnectionString)))
        {
            complaints.Add(
                "ConnectionStrings:OrleansPatterns is not set. Set the environment variable ConnectionStrings__OrleansPatterns to an Npgsql connection string.");
        }

        var ofRoot = OfRoot
            .Where(property => configuration[property.Name] is not null)
            .Select(property => SettingsCheck.Complaint(property.Name, configuration[property.Name], property))
            .OfType<string>()
            .ToList();
        complaints.AddRange(ofRoot.Count > 0 ? ofRoot : OfSilo(configuration).Faults());
        complaints.AddRange(configuration.GetSection("Orleans").GetChildren()
            .Where(setting => !OfOrleans.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .Select(setting => $"{setting.Path} is not a setting. Those of Orleans are {string.Join(", ", OfOrleans)}."));
        complaints.AddRange(SettingsCheck.Complaints("Operators", configuration.GetSection("Operators").GetChildren(), OfOperators));
        complaints.AddRange(SettingsSection.All.SelectMany(section => section.Complaints(configuration)));
        return complaints;
    }

    internal static SiloSettings OfSilo(IConfiguration configuration)
    {
        var settings = new SiloSettings();
        configuration.Bind(settings);
        return settings;
    }
}
