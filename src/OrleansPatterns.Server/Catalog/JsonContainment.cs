using System.Text.Json;

namespace OrleansPatterns.Server.Catalog;

/// <summary>
/// PostgreSQL's <c>jsonb @&gt; jsonb</c>, except that an array on top does not contain a bare scalar: what is searched for is an object.
/// </summary>
internal static class JsonContainment
{
    internal static bool Contains(JsonElement value, JsonElement wanted) => (value.ValueKind, wanted.ValueKind) switch
    {
        // jsonb keeps the last of several members of one name, and so does GetProperty.
        (JsonValueKind.Object, JsonValueKind.Object) => wanted.EnumerateObject().All(
            member => value.TryGetProperty(member.Name, out var found) && Contains(found, wanted.GetProperty(member.Name))),
        (JsonValueKind.Array, JsonValueKind.Array) => wanted.EnumerateArray().All(
            element => value.EnumerateArray().Any(candidate => Contains(candidate, element))),
        _ => JsonElement.DeepEquals(value, wanted),
    };
}
