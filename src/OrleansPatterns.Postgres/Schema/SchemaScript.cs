using System.Globalization;
using System.Reflection;

namespace OrleansPatterns.Postgres.Schema;

/// <summary>A script of the folder <c>sql</c>, as it was when this assembly was built. Its number is the version that it brings.</summary>
internal sealed record SchemaScript(int Version, string Name, string Text)
{
    /// <summary>All scripts in the order in which they are run.</summary>
    internal static IReadOnlyList<SchemaScript> All { get; } = ReadEmbedded();

    /// <summary>The version of a database on which all scripts have been run.</summary>
    internal static int LatestVersion => All[^1].Version;

    private static SchemaScript[] ReadEmbedded()
    {
        var assembly = typeof(SchemaScript).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => new SchemaScript(int.Parse(name.AsSpan(0, 3), CultureInfo.InvariantCulture), name, Read(assembly, name))),
        ];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
