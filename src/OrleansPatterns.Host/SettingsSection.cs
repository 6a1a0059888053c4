using System.Reflection;
using Orleans.Configuration;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Cluster;
using OrleansPatterns.Discovery;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres;
using OrleansPatterns.Postgres.Storage;
using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Catalog;

namespace OrleansPatterns.StandaloneSilo;

/// <summary>A part of the configuration, and the options that it sets. What has functions for a value is not among its settings.</summary>
internal sealed class SettingsSection
{
    /// <summary>Within <c>CircuitBreakers</c>: settings of one dependency by its name.</summary>
    internal const string Named = "Named";

    private readonly Action<IServiceCollection, IConfigurationSection> _bind;

    private SettingsSection(string name, Type options, string optionsName, string[] except, Action<IServiceCollection, IConfigurationSection> bind)
    {
        (Name, OptionsType, OptionsName, _bind) = (name, options, optionsName, bind);
        Properties = [.. SettingsCheck.PropertiesOf(options).Where(property => !except.Contains(property.Name))];
    }

    internal static IReadOnlyList<SettingsSection> All { get; } =
    [
        Of<PostgresOptions>("Postgres"),
        Of<LockOptions>("Locks"),
        Of<DiscoveryOptions>("Discovery"),
        Of<HealthCheckOptions>("HealthChecks"),
        new(
            "CircuitBreakers",
            typeof(CircuitBreakerOptions),
            Microsoft.Extensions.Options.Options.DefaultName,
            [],
            BindBreakers) { HasNamed = true },
        Of<IdempotencyOptions>("Idempotency"),
        Of<SagaOptions>("Sagas"),
        Of<ClusterCallOptions>("Calls"),
        Of<WakeUpOptions>("WakeUps"),

        // The storage of the patterns needs these two as they are.
        Of<GroupCommitGrainStorageOptions>(
            "GroupCommit",
            StorageNames.OrleansPatterns,
            nameof(GroupCommitGrainStorageOptions.DeleteStateOnClear),
            nameof(GroupCommitGrainStorageOptions.InitStage)),
        Of<ClusterMembershipOptions>("Membership"),
    ];

    internal string Name { get; }

    internal Type OptionsType { get; }

    internal string OptionsName { get; }

    internal IReadOnlyList<PropertyInfo> Properties { get; }

    /// <summary>Whether there may be settings by name, which go before those for all.</summary>
    internal bool HasNamed { get; private init; }

    internal void BindTo(IServiceCollection services, IConfiguration configuration) => _bind(services, configuration.GetSection(Name));

    internal IEnumerable<string> Complaints(IConfiguration configuration)
    {
        var section = configuration.GetSection(Name);
        var children = section.GetChildren().Where(child => !(HasNamed && IsNamed(child)));
        var complaints = SettingsCheck.Complaints(Name, children, Properties);
        return HasNamed
            ? complaints.Concat(section.GetSection(Named).GetChildren().SelectMany(one => SettingsCheck.Complaints(one.Path, one.GetChildren(), Properties)))
            : complaints;
    }

    private static bool IsNamed(IConfigurationSection child) => child.Key.Equals(Named, StringComparison.OrdinalIgnoreCase);

    private static SettingsSection Of<TOptions>(string name, string? optionsName = null, params string[] except)
        where TOptions : class
    {
        var options = optionsName ?? Microsoft.Extensions.Options.Options.DefaultName;
        return new(name, typeof(TOptions), options, except, (services, section) => services.AddOptions<TOptions>(options).Bind(section));
    }

    private static void BindBreakers(IServiceCollection services, IConfigurationSection section)
    {
        services.ConfigureAll<CircuitBreakerOptions>(options => section.Bind(options));
        foreach (var named in section.GetSection(Named).GetChildren())
        {
            services.AddOptions<CircuitBreakerOptions>(named.Key).Bind(named).ValidateOnStart();
        }
    }
}
