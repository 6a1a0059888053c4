using System.Text.Json.Nodes;

namespace OrleansPatterns.Server.Sagas;

/// <summary>
/// Brings together what steps that ran at the same time made of the same data: of each one's result only what it changed is taken. Objects are
/// compared member by member; arrays and values as a whole. Of two changes of the same member the later wins.
/// </summary>
internal static class SagaDataMerge
{
    /// <param name="before">What the step was given.</param>
    /// <param name="after">What it made of it.</param>
    /// <param name="current">What the data is now.</param>
    internal static string Merge(string before, string after, string current) =>
        before == current ? after
        : before == after ? current
        : Merge(JsonNode.Parse(before), JsonNode.Parse(after), JsonNode.Parse(current))?.ToJsonString() ?? "null";

    private static JsonNode? Merge(JsonNode? before, JsonNode? after, JsonNode? current)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return current?.DeepClone();
        }

        if (before is not JsonObject old || after is not JsonObject changed || current is not JsonObject now)
        {
            return after?.DeepClone();
        }

        var merged = new JsonObject();
        foreach (var name in now.Select(member => member.Key).Union(changed.Select(member => member.Key)))
        {
            var isRemoved = old.ContainsKey(name) && !changed.ContainsKey(name);
            var isRemovedMeanwhile = old.ContainsKey(name) && !now.ContainsKey(name) && JsonNode.DeepEquals(old[name], changed[name]);
            if (!isRemoved && !isRemovedMeanwhile)
            {
                merged[name] = Merge(old[name], changed.ContainsKey(name) ? changed[name] : old[name], now.ContainsKey(name) ? now[name] : old[name]);
            }
        }

        return merged;
    }
}
