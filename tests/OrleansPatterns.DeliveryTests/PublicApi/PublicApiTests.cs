using System.Reflection;
using OrleansPatterns.DeliveryTests.Contracts;
using PublicApiGenerator;

namespace OrleansPatterns.DeliveryTests.PublicApi;

/// <summary>What users of the packages can call changes only where somebody has looked at it.</summary>
/// <remarks>After a change that is meant: <c>ORLEANSPATTERNS_WRITE_PUBLIC_API=1</c> has this test write the files anew. The rules are in docs/compatibility.md.</remarks>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        DenyNamespacePrefixes = ["OrleansCodeGen"],
        ExcludeAttributes =
        [
            "System.Reflection.AssemblyMetadataAttribute",
            "System.Runtime.CompilerServices.InternalsVisibleToAttribute",
            "System.Runtime.Versioning.TargetFrameworkAttribute",
            "Orleans.ApplicationPartAttribute",
            "Orleans.Serialization.Configuration.TypeManifestProviderAttribute",
            "System.CodeDom.Compiler.GeneratedCodeAttribute",

            // What crosses the wire is in OrleansContracts.txt.
            "Orleans.AliasAttribute",
            "Orleans.Concurrency.OneWayAttribute",
            "Orleans.Concurrency.AlwaysInterleaveAttribute",
            "Orleans.GenerateSerializerAttribute",
            "Orleans.IdAttribute",
            "Orleans.ImmutableAttribute",
            "Orleans.OmitDefaultMemberValuesAttribute",
        ],
    };

    public static TheoryData<string> Packages => [.. ContractListing.Packages.Select(package => package.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicApi_IsAsApproved(string package)
    {
        var path = ApprovedFile.PathOf("tests", "OrleansPatterns.DeliveryTests", "PublicApi", $"{package}.txt");
        var now = Assembly.Load(package).GeneratePublicApi(Options).ReplaceLineEndings("\n");
        if (ApprovedFile.IsWriting("ORLEANSPATTERNS_WRITE_PUBLIC_API"))
        {
            ApprovedFile.Write(path, now);
            return;
        }

        Assert.True(now == ApprovedFile.Read(path), PublicApiDifference.Describe(package, ApprovedFile.Read(path), now));
    }
}
