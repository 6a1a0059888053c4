using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using OrleansPatterns.DeliveryTests.Contracts;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>What is in a state, for people to read and for tests to compare. Made by reflection: by none of the serializers that are under test.</summary>
internal static class Rendition
{
    internal static JsonNode? Of(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        double number => number,
        byte[] bytes => Convert.ToHexString(bytes),
        Guid id => id.ToString(),
        Uri address => address.OriginalString,
        Enum name => name.ToString(),
        TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.ToString("O", CultureInfo.InvariantCulture),
        IDictionary entries => OfEntries(entries),
        IEnumerable when IsMissing(value) => "missing: neither empty nor filled",
        IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Of)]),
        _ => OfMembers(value),
    };

    /// <summary>
    /// Where a value is not what the rendition of an earlier version says. Members that this version has in addition must be as if nobody had ever
    /// set them, and collections among them empty: code goes through them without asking.
    /// </summary>
    internal static IEnumerable<string> Differences(JsonNode? expected, object? actual, string path = "")
    {
        if (expected is JsonArray items && actual is IEnumerable and not string && !IsMissing(actual))
        {
            object?[] found = [.. ((IEnumerable)actual).Cast<object?>()];
            return found.Length == items.Count
                ? items.SelectMany((item, index) => Differences(item, found[index], $"{path}[{index}]"))
                : [$"{path}: {items.Count} items were stored, {found.Length} are read"];
        }

        if (expected is not JsonObject members || actual is null or IDictionary)
        {
            return JsonNode.DeepEquals(expected, Of(actual)) ? [] : [$"{path}: {Text(expected)} was stored, {Text(Of(actual))} is read"];
        }

        var blank = Activator.CreateInstance(actual.GetType());
        var known = SampleMembers.Of(actual.GetType());
        return known
            .SelectMany(member => members.TryGetPropertyValue(member.Name, out var was)
                ? Differences(was, member.Of(actual), $"{path}.{member.Name}")
                : Unset(member, actual, blank, $"{path}.{member.Name}"))
            .Concat(members.Where(member => known.All(other => other.Name != member.Key) && !ContractFile.HasRetired(actual.GetType(), member.Key)).Select(member => $"{path}.{member.Key}: was stored, and is not read any more"));
    }

    private static IEnumerable<string> Unset(SampleMember member, object actual, object? blank, string path)
    {
        var (value, initial) = (member.Of(actual), member.Of(blank!));
        if (value is IEnumerable and not string && (IsMissing(value) || ((IEnumerable)value).GetEnumerator().MoveNext()))
        {
            yield return $"{path}: is new, and reads as {Text(Of(value))} instead of empty";
        }
        else if (!JsonNode.DeepEquals(Of(value), Of(initial)))
        {
            yield return $"{path}: is new, and reads as {Text(Of(value))} instead of its default {Text(Of(initial))}";
        }
    }

    private static bool IsMissing(object value) =>
        value.GetType() is { IsGenericType: true } type
        && type.GetGenericTypeDefinition() == typeof(System.Collections.Immutable.ImmutableArray<>)
        && type.GetProperty("IsDefault")!.GetValue(value) is true;

    private static JsonObject OfEntries(IDictionary entries)
    {
        var result = new JsonObject();
        foreach (var key in entries.Keys.Cast<string>().Order(StringComparer.Ordinal))
        {
            result[key] = Of(entries[key]);
        }

        return result;
    }

    private static JsonObject OfMembers(object value)
    {
        var result = new JsonObject();
        foreach (var member in SampleMembers.Of(value.GetType()))
        {
            result[member.Name] = Of(member.Of(value));
        }

        return result;
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";
}
