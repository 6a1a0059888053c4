using System.Text.RegularExpressions;
using System.Xml.Linq;
using OrleansPatterns.DeliveryTests.Sources;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>What must hold of the images, as far as the Dockerfile decides it.</summary>
public sealed partial class DockerfileTests
{
    public static TheoryData<string, string> Targets => new() { { "host", "src/OrleansPatterns.Host/OrleansPatterns.Host.csproj" }, { "shop", "src/Samples/Shop/Shop.csproj" } };

    [Theory]
    [MemberData(nameof(Targets))]
    public void Image_Runs_WithoutRootAndShellAndIsProbedByItself(string target, string project)
    {
        var image = Dockerfile.OfRepository.ImageOf(target);

        Assert.True(int.Parse(image.User, System.Globalization.CultureInfo.InvariantCulture) > 0, "Kubernetes can tell only of a number that it is not root.");
        Assert.Contains("chiseled", Dockerfile.OfRepository.BaseOf(target), StringComparison.Ordinal);
        Assert.Equal(["dotnet", Path.ChangeExtension(Path.GetFileName(project), ".dll")], image.EntryPoint);
        Assert.Equal([.. image.EntryPoint, "--probe"], image.HealthCheck);
        Assert.Contains(Dockerfile.OfRepository.Of(target), one => one.Name == "EXPOSE" && one.Arguments.Split(' ').SequenceEqual(["8080", "11111", "30000"]));
    }

    [Fact]
    public void DefaultTarget_IsTheStandaloneSilo() => Assert.Equal("host", Dockerfile.OfRepository.DefaultTarget);

    /// <summary>A layer that is rebuilt only when packages change must have all that decides which packages there are.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Restore_HasEveryProjectThatIsBuilt_WithItsLockFile(string target, string project)
    {
        Assert.NotEmpty(target);
        var copied = Dockerfile.OfRepository.Of("restore").Where(one => one.Name == "COPY").SelectMany(one => one.Arguments.Split(' ')[..^1]).ToHashSet();
        Assert.All(Directory.EnumerateFiles(SourceTree.Root, "Directory.*"), file => Assert.Contains(Path.GetFileName(file), copied));
        foreach (var needed in WithReferences(project))
        {
            var folder = Path.GetDirectoryName(needed)!;
            Assert.Contains($"{folder}/*.csproj", copied);
            Assert.Contains($"{folder}/packages.lock.json", copied);
        }

        // By this the project files restore in locked mode, and embed no paths.
        Assert.Contains(Dockerfile.OfRepository.Of("restore"), one => one is { Name: "ENV", Arguments: "CI=true" });
    }

    [Fact]
    public void Copies_AreOfWhatTheBuildIsSent()
    {
        var sent = SourceTree.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..].TrimEnd('/')).ToList();
        var copied = Dockerfile.OfRepository.Instructions
            .Where(one => one.Name == "COPY" && !one.Arguments.StartsWith("--from", StringComparison.Ordinal))
            .SelectMany(one => one.Arguments.Split(' ')[..^1])
            .Select(path => path.Split('/')[0]);
        Assert.Equal(sent.Order(StringComparer.Ordinal), copied.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>What is in an <c>ARG</c> or <c>ENV</c> is in the image's history, for everybody who has the image.</summary>
    [Fact]
    public void Arguments_AreNoSecrets()
    {
        var names = Dockerfile.OfRepository.Instructions
            .Where(one => one.Name is "ARG" or "ENV")
            .SelectMany(one => one.Arguments.Split(' '))
            .Select(one => one.Split('=')[0]);
        Assert.DoesNotContain(names, name => Secret().IsMatch(name));
    }

    private static IEnumerable<string> WithReferences(string project)
    {
        var folder = Path.GetDirectoryName(project)!;
        var references = XDocument.Parse(SourceTree.Read(project)).Descendants("ProjectReference")
            .Select(reference => Path.GetRelativePath(SourceTree.Root, Path.GetFullPath(Path.Combine(SourceTree.Root, folder, reference.Attribute("Include")!.Value))));
        return references.SelectMany(WithReferences).Append(project).Distinct();
    }

    [GeneratedRegex("password|secret|token|key|connection", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
