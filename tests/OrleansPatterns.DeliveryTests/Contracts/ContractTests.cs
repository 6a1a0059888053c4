namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>What crosses the wire or is stored changes only where somebody has looked at it.</summary>
/// <remarks>After a change that is meant: <c>ORLEANSPATTERNS_WRITE_CONTRACTS=1</c> has <see cref="Listing_IsOfTheCodeAsItIs"/> write the file anew.</remarks>
public sealed class ContractTests
{
    [Fact]
    public void Listing_IsOfTheCodeAsItIs()
    {
        var committed = ContractBlock.Parse(ApprovedFile.Read(ContractFile.Path));
        var now = ContractListing.Make();
        if (ApprovedFile.IsWriting("ORLEANSPATTERNS_WRITE_CONTRACTS"))
        {
            ApprovedFile.Write(ContractFile.Path, ContractFile.TextOf(ContractFile.KeepRetired(committed, now)));
            return;
        }

        var changes = ContractComparison.Compare(committed, now);
        Assert.True(changes.Count == 0, ContractComparison.Describe(changes));
        Assert.Equal(ContractFile.TextOf(ContractFile.KeepRetired(committed, now)), ApprovedFile.Read(ContractFile.Path));
    }

    /// <summary>Without an alias the CLR name, and for a method a hash of its signature, would be the contract.</summary>
    [Fact]
    public void EveryInterfaceMethodAndType_HasAnAliasOfItsOwn()
    {
        Assert.DoesNotContain(ContractListing.Interfaces, type => ContractListing.AliasOf(type) is null);
        Assert.DoesNotContain(ContractListing.Serialized, type => ContractListing.AliasOf(type) is null);
        Assert.DoesNotContain(ContractListing.Interfaces.SelectMany(type => type.GetMethods()), method => ContractListing.AliasOf(method) is null);
        Assert.All(ContractListing.Grains, grain => Assert.True(grain.IsDefined(typeof(GrainTypeAttribute), inherit: false)));
        Assert.Empty(Repeated(ContractListing.Serialized.Concat(ContractListing.Interfaces).Select(type => ContractListing.AliasOf(type)!)));
        Assert.Empty(ContractListing.Interfaces.SelectMany(type => Repeated(type.GetMethods().Select(method => $"{type}.{ContractListing.AliasOf(method)}"))));
        Assert.Empty(Repeated(ContractListing.Grains.Select(ContractListing.GrainTypeOf)));
    }

    [Fact]
    public void EveryId_IsUsedOnce() =>
        Assert.Empty(ContractListing.Serialized.SelectMany(type => Repeated(ContractListing.MembersOf(type).Select(member => $"{type} id {member.Id}"))));

    [Fact]
    public void EveryTypeThatTravels_IsSerializedByUsOrOrleans() =>
        Assert.DoesNotContain(ContractReach.OfMembersAndMethods(), type => ContractListing.Packages.Contains(type.Assembly)
            && !type.IsEnum && !ContractListing.Serialized.Contains(type) && !ContractListing.Interfaces.Contains(type));

    /// <summary>An answer names its type on the wire, as a member or a parameter does not: without an alias that would be the CLR name.</summary>
    [Fact]
    public void EveryAnswer_HasAnAlias() =>
        Assert.DoesNotContain(
            ContractListing.Interfaces.SelectMany(type => type.GetMethods()).SelectMany(method => method.ReturnType.GenericTypeArguments),
            type => ContractListing.Packages.Contains(type.Assembly) && ContractListing.AliasOf(type) is null);

    /// <summary>A row could then be written in a way that neither the listing nor the samples know of.</summary>
    [Fact]
    public void EveryGrain_StoresInAWayThatTheListingSees()
    {
        Assert.DoesNotContain(ContractListing.Grains, grain => grain.BaseType is { IsGenericType: true } generic && generic.GetGenericTypeDefinition() == typeof(Grain<>));
        var storing = ContractListing.Grains.Where(grain => grain.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => parameter.ParameterType == typeof(Orleans.Storage.IGrainStorage)
                || (parameter.ParameterType.IsGenericType && parameter.ParameterType.GetGenericTypeDefinition() == typeof(IPersistentState<>))));
        Assert.All(storing, grain => Assert.NotEmpty(ContractListing.StatesOf(grain)));
        Assert.Equal(
            ["breaker", "idempotency", "lock", "saga", "service"],
            ContractListing.Grains.SelectMany(ContractListing.StatesOf).Select(state => state.Name).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Repeated(IEnumerable<string> names) => names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key);
}
