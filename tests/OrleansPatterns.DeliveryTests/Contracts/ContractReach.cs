namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>Which types travel along with others: those of members, of parameters, of answers.</summary>
internal static class ContractReach
{
    internal static IReadOnlySet<Type> OfMembersAndMethods() => Of(
        ContractListing.Serialized.Concat(ContractListing.Interfaces
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))));

    /// <summary>The types themselves, and whatever is in them.</summary>
    internal static IReadOnlySet<Type> Of(IEnumerable<Type> types)
    {
        var reached = new HashSet<Type>();
        foreach (var type in types)
        {
            Reach(type, reached);
        }

        return reached;
    }

    private static void Reach(Type type, HashSet<Type> reached)
    {
        if (!reached.Add(type))
        {
            return;
        }

        foreach (var argument in type.GenericTypeArguments)
        {
            Reach(argument, reached);
        }

        if (type.GetElementType() is { } element)
        {
            Reach(element, reached);
        }

        foreach (var member in ContractListing.MembersOf(type))
        {
            Reach(member.Type, reached);
        }
    }
}
