using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.DeliveryTests.Sources;
using OrleansPatterns.StandaloneSilo;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>Holds the tables of <c>docs/deployment.md</c> against the options: every setting is there with its default, and nothing else is.</summary>
public sealed partial class DeploymentDocumentTests
{
    private const string FirstHeading = "## Settings";
    private const string LastHeading = "### Of .NET and Orleans";

    [Fact]
    public async Task Tables_HaveEverySettingWithItsDefault()
    {
        var document = SourceTree.Read("docs/deployment.md");
        var from = document.IndexOf(FirstHeading, StringComparison.Ordinal);
        var to = document.IndexOf(LastHeading, StringComparison.Ordinal);
        var documented = Row().Matches(document[from..to]).Select(row => (row.Groups["name"].Value, row.Groups["value"].Value)).Order().ToList();

        await using var silo = Silo();
        Assert.Equal(OfSilo().Concat(SettingsSection.All.SelectMany(section => Of(section, silo.Services))).Order(), documented);
    }

    private static IEnumerable<(string Name, string Default)> OfSilo() =>
        SettingsCheck.PropertiesOf(typeof(SiloSettings)).Select(property => (property.Name, Show(property.GetValue(new SiloSettings()))))
            .Concat(SettingsCheck.PropertiesOf(typeof(OperatorSettings)).Select(property => ($"Operators__{property.Name}", Show(property.GetValue(new OperatorSettings())))));

    private static IEnumerable<(string Name, string Default)> Of(SettingsSection section, IServiceProvider services)
    {
        var monitor = services.GetRequiredService(typeof(IOptionsMonitor<>).MakeGenericType(section.OptionsType));
        var options = monitor.GetType().GetMethod(nameof(IOptionsMonitor<>.Get))!.Invoke(monitor, [section.OptionsName]);
        return section.Properties.Select(property => (Variable(section, property), Show(property.GetValue(options))));
    }

    private static string Variable(SettingsSection section, PropertyInfo property) =>
        $"{section.Name}__{property.Name}{(property.PropertyType == typeof(IList<string>) ? "__0" : "")}";

    private static string Show(object? value) => value switch
    {
        null => "",
        bool isSo => isSo ? "true" : "false",
        string text => text.Replace($"{Environment.MachineName}/{Environment.ProcessId}", "machine/process id", StringComparison.Ordinal),
        IEnumerable => "",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Put together as the program does it, but not started.</summary>
    private static WebApplication Silo()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:OrleansPatterns", "Host=postgres")]);
        return SiloApplication.Build(builder, new SiloSettings(), OperatorAccess.From(builder.Configuration, out _)!);
    }

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| (`(?<value>[^`]+)`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
