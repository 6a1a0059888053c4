using System.Globalization;
using System.Text.RegularExpressions;
using OrleansPatterns.DeliveryTests.Sources;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>The composition of the repository.</summary>
internal sealed partial class ComposeFile
{
    private ComposeFile(IReadOnlyList<ComposeService> services) => Services = services;

    internal IReadOnlyList<ComposeService> Services { get; }

    internal ComposeService this[string name] => Services.Single(service => service.Name == name);

    /// <param name="variables">What the shell of whoever starts it has set.</param>
    internal static ComposeFile OfRepository(IReadOnlyDictionary<string, string> variables)
    {
        // Comments may have variables too, which nobody has to set.
        var text = string.Join('\n', SourceTree.Read("docker-compose.yml").Split('\n').Where(line => !line.TrimStart().StartsWith('#')));
        var whole = Variable().Replace(text, match => variables.GetValueOrDefault(match.Groups["name"].Value)
            ?? throw new InvalidOperationException($"The variable {match.Groups["name"].Value} is not set."));
        var document = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(whole))));
        return new ComposeFile([.. MappingOf(MappingOf(document)["services"]).Select(service => new ComposeService(service.Key, MappingOf(service.Value)))]);
    }

    internal static IReadOnlyDictionary<string, object> MappingOf(object node) =>
        ((Dictionary<object, object>)node).ToDictionary(pair => (string)pair.Key, pair => pair.Value);

    internal static IReadOnlyList<string> ListOf(object node) => [.. ((List<object>)node).Cast<string>()];

    internal static TimeSpan Duration(string text) => text[^1] == 's'
        ? TimeSpan.FromSeconds(int.Parse(text[..^1], CultureInfo.InvariantCulture))
        : throw new FormatException($"'{text}' is not in seconds.");

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(:\?[^}]*)?\}")]
    private static partial Regex Variable();
}
