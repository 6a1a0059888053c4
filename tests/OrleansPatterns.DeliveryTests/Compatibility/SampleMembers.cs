using System.Collections;
using System.Reflection;

namespace OrleansPatterns.DeliveryTests.Compatibility;

/// <summary>The stored members of types: those with an id; for what is stored as plain JSON, all properties.</summary>
internal static class SampleMembers
{
    private const BindingFlags Instance = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    internal static IReadOnlyList<SampleMember> Of(Type type) =>
    [
        .. type.GetProperties(Instance)
            .Where(property => type.IsDefined(typeof(GenerateSerializerAttribute))
                ? property.IsDefined(typeof(IdAttribute))
                : property.Name != "EqualityContract" && property.GetMethod is { IsPublic: true })
            .Select(property => new SampleMember(property.Name, property.PropertyType, property.GetValue)),
    ];

    /// <summary>The members, as Type.Member, that some object among these or within them has set to something else than a new object has.</summary>
    internal static IReadOnlySet<string> SetIn(IEnumerable<object> states)
    {
        var set = new HashSet<string>();
        foreach (var state in states)
        {
            Visit(state, set);
        }

        return set;
    }

    private static void Visit(object? value, HashSet<string> set)
    {
        switch (value)
        {
            case null or string:
                return;
            case IDictionary entries:
                Visit(entries.Values, set);
                return;
            case IEnumerable items:
                foreach (var item in items)
                {
                    Visit(item, set);
                }

                return;
        }

        if (!value.GetType().IsDefined(typeof(GenerateSerializerAttribute)) || value is Enum)
        {
            return;
        }

        var blank = Activator.CreateInstance(value.GetType())!;
        foreach (var member in Of(value.GetType()))
        {
            var (found, initial) = (member.Of(value), member.Of(blank));
            if (!System.Text.Json.Nodes.JsonNode.DeepEquals(Rendition.Of(found), Rendition.Of(initial)))
            {
                set.Add($"{value.GetType().Name}.{member.Name}");
                Visit(found, set);
            }
        }
    }
}
