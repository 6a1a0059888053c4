using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansPatterns.Telemetry;

/// <summary>How the values of an enum are written in metrics and traces: <c>FailedForGood</c> is <c>failed_for_good</c>.</summary>
internal static class TagValue<T>
    where T : struct, Enum
{
    /// <summary>OpenTelemetry's word for what is none of the known values: a newer build's, for instance.</summary>
    internal const string Other = "_OTHER";

    private static readonly string?[] Names = ReadNames();

    internal static string Of(T value) => IndexOf(value) is var index && index < Names.Length ? Names[index] ?? Other : Other;

    /// <summary>Enums here count from zero, so a value finds its name without a search.</summary>
    internal static uint IndexOf(T value) => (uint)Unsafe.BitCast<T, int>(value);

    private static string?[] ReadNames()
    {
        var values = Enum.GetValues<T>();
        var names = new string?[values.Max(IndexOf) + 1];
        foreach (var value in values)
        {
            names[IndexOf(value)] = JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
        }

        return names;
    }
}
