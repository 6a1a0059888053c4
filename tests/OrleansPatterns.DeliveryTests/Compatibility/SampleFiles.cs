using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>The committed samples: a folder for each version, in it for each sample its bytes in both forms, and what they say.</summary>
internal static class SampleFiles
{
    private const string Expected = ".expected.json";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Root => ApprovedFile.PathOf("tests", "OrleansPatterns.DeliveryTests", "Compatibility", "samples");

    /// <summary>The version of this build: its samples may be written anew until it is released.</summary>
    internal static string CurrentVersion { get; } =
        typeof(SampleFiles).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', '-')[0];

    /// <summary>All versions of which there are samples.</summary>
    internal static IReadOnlyList<string> Versions { get; } = [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    /// <summary>The highest of them.</summary>
    internal static string Newest { get; } = Versions.Where(version => Version.TryParse(version, out _)).MaxBy(Version.Parse)!;

    /// <summary>Every sample as version and name.</summary>
    internal static IEnumerable<(string Version, string Name)> All => Versions.SelectMany(version => NamesIn(version).Select(name => (version, name)));

    internal static IEnumerable<string> NamesIn(string version) =>
        Directory.GetFiles(Path.Combine(Root, version), $"*{Expected}").Select(file => Path.GetFileName(file)[..^Expected.Length]).Order(StringComparer.Ordinal);

    /// <summary>Whether the newest samples have just these bytes.</summary>
    internal static bool IsSame(string name, string ending, byte[] bytes) =>
        File.Exists(PathOf(Newest, name, $".{ending}")) && bytes.AsSpan().SequenceEqual(Bytes(Newest, name, ending));

    internal static byte[] Bytes(string version, string name, string ending) => File.ReadAllBytes(PathOf(version, name, $".{ending}"));

    internal static JsonNode ExpectedOf(string version, string name) => JsonNode.Parse(File.ReadAllText(PathOf(version, name, Expected)))!;

    internal static void WriteCurrent(string name, JsonNode? expected, params IEnumerable<(string Ending, byte[] Bytes)> forms)
    {
        ApprovedFile.Write(PathOf(CurrentVersion, name, Expected), expected!.ToJsonString(Readable) + "\n");
        foreach (var (ending, bytes) in forms)
        {
            File.WriteAllBytes(PathOf(CurrentVersion, name, $".{ending}"), bytes);
        }
    }

    private static string PathOf(string version, string name, string ending) => Path.Combine(Root, version, name + ending);
}
