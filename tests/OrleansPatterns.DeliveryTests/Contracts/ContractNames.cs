namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>Types as the listing calls them: by alias where they have one, else by name.</summary>
internal static class ContractNames
{
    internal static string Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Of(underlying)}?";
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[]";
        }

        if (ContractListing.AliasOf(type) is { } alias)
        {
            return alias;
        }

        if (type.IsGenericType)
        {
            return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GenericTypeArguments.Select(Of))}>";
        }

        return ContractListing.Packages.Contains(type.Assembly) ? type.FullName! : type.Name;
    }
}
