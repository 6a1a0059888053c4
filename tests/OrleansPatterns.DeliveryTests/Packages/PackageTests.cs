using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace OrleansPatterns.DeliveryTests.Packages;

/// <summary>What is in the packages.</summary>
[Collection<Packaging>]
public sealed class PackageTests(PackageFeed feed)
{
    /// <summary>Of SourceLink's entry in a PDB's custom debug information, by the Portable PDB specification.</summary>
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    public static TheoryData<string> Ids => [.. PackageFeed.Ids];

    [Fact]
    public void Pack_GivesTheFivePackagesAndTheirSymbols_AndNothingElse() => Assert.Equal(
        PackageFeed.Ids.SelectMany(id => new[] { $"{id}.{PackageFeed.Version}.nupkg", $"{id}.{PackageFeed.Version}.snupkg" }).Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(feed.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Package_SaysWhatItIs(string id)
    {
        var metadata = await feed.MetadataAsync(id);
        await using var package = feed.Open(id);

        Assert.Equal("MIT", Value("license"));
        Assert.NotEmpty(Value("description"));
        Assert.Contains("orleans", Value("tags"), StringComparison.Ordinal);
        Assert.Equal((feed.Commit, $"{PackageFeed.Remote}.git"), (Attribute("commit"), Attribute("url")));
        Assert.StartsWith("# OrleansPatterns", await TextAsync(Value("readme")), StringComparison.Ordinal);
        Assert.StartsWith("\u0089PNG", await TextAsync(Value("icon"), Encoding.Latin1), StringComparison.Ordinal);

        // What an editor shows of a method.
        Assert.Contains("<summary>", await TextAsync($"lib/net10.0/{id}.xml"), StringComparison.Ordinal);

        string Value(string name) => metadata.Element(metadata.Name.Namespace + name)?.Value ?? "";

        string? Attribute(string name) => metadata.Element(metadata.Name.Namespace + "repository")?.Attribute(name)?.Value;

        async Task<string> TextAsync(string entry, Encoding? encoding = null)
        {
            await using var stream = await package.GetEntry(entry)!.OpenAsync(TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream, encoding ?? Encoding.UTF8);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Every dependency is one that all users of the package have to live with: a new one is to be a decision.</summary>
    [Theory]
    [InlineData("OrleansPatterns", "DistributedLock.Core Microsoft.Extensions.Http Microsoft.Extensions.ServiceDiscovery.Abstractions Microsoft.Orleans.Client Polly.Core", "")]
    [InlineData("OrleansPatterns.AspNetCore", "OrleansPatterns", "Microsoft.AspNetCore.App")]
    [InlineData("OrleansPatterns.Postgres", "Microsoft.Orleans.Clustering.AdoNet Microsoft.Orleans.Persistence.AdoNet Npgsql OrleansPatterns dbup-postgresql", "")]
    [InlineData("OrleansPatterns.Server", "Grpc.HealthCheck Grpc.Net.Client Microsoft.Orleans.Server OrleansPatterns", "")]
    [InlineData(
        "OrleansPatterns.Testing",
        "Microsoft.Extensions.TimeProvider.Testing Microsoft.Orleans.TestingHost Npgsql OrleansPatterns.Server Testcontainers.PostgreSql",
        "")]
    public async Task Package_DependsOnWhatItsCodeNeeds_AndNoMore(string id, string packages, string frameworks)
    {
        var metadata = await feed.MetadataAsync(id);

        Assert.Equal(packages, Names("dependency", "id"));
        Assert.Equal(frameworks, Names("frameworkReference", "name"));

        string Names(string element, string attribute) =>
            string.Join(' ', metadata.Descendants(metadata.Name.Namespace + element).Select(found => found.Attribute(attribute)!.Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Symbols_LeadToTheSourcesOfTheCommit(string id)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(await ReadAsync(id, "snupkg", "pdb"));
        var reader = provider.GetMetadataReader();

        var links = reader.CustomDebugInformation
            .Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == SourceLink)
            .Select(information => Encoding.UTF8.GetString(reader.GetBlobBytes(information.Value)));
        Assert.Equal($$$"""{"documents":{"/_/*":"https://raw.githubusercontent.com/example/orleanspatterns/{{{feed.Commit}}}/*"}}""", Assert.Single(links));
    }

    /// <summary>
    /// The compiler was told to make the same of the same sources, wherever they lie. (Bytes are not compared: Microsoft's generator of logging methods
    /// puts classes in an order of its own each time, and so the checksum of the symbols differs.)
    /// </summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Assembly_IsReproducible_AndNamesNoFolderOfTheMachineThatBuiltIt(string id)
    {
        using var assembly = new PEReader(await ReadAsync(id, "nupkg", "dll"));
        Assert.Contains(assembly.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);

        using var provider = MetadataReaderProvider.FromPortablePdbStream(await ReadAsync(id, "snupkg", "pdb"));
        var reader = provider.GetMetadataReader();
        var documents = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();
        Assert.Contains(documents, document => document.StartsWith($"/_/src/{id}/", StringComparison.Ordinal));
        Assert.All(documents, document => Assert.StartsWith("/_", document, StringComparison.Ordinal));
    }

    private async Task<MemoryStream> ReadAsync(string id, string package, string extension)
    {
        await using var archive = feed.Open(id, package);
        await using var entry = await archive.GetEntry($"lib/net10.0/{id}.{extension}")!.OpenAsync(TestContext.Current.CancellationToken);
        var bytes = new MemoryStream();
        await entry.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        bytes.Position = 0;
        return bytes;
    }
}
