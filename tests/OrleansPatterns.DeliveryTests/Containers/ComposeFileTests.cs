using OrleansPatterns.DeliveryTests.Sources;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>What must hold of the composition beyond that it runs.</summary>
public sealed class ComposeFileTests
{
    private static ComposeFile Compose => RunningComposition.Compose;

    private static IEnumerable<ComposeService> Ours => Compose.Services.Where(service => service.Target is not null);

    [Fact]
    public void Services_AreThreeSilosAndTheShop() => Assert.Equal(
        [("customers", 1), ("inventory", 1), ("orders", 1), ("payment", 2), ("postgres", 1), ("silo", 3)],
        Compose.Services.Select(service => (service.Name, service.Replicas)).Order());

    [Theory]
    [InlineData("POSTGRES_PASSWORD")]
    [InlineData("OPERATORS_TOKEN")]
    public void Secret_ThatIsNotSet_KeepsAllFromStarting(string missing)
    {
        string[] secrets = ["POSTGRES_PASSWORD", "OPERATORS_TOKEN"];
        var exception = Assert.Throws<InvalidOperationException>(
            () => ComposeFile.OfRepository(secrets.Where(name => name != missing).ToDictionary(name => name, _ => "0123456789abcdef")));
        Assert.Contains(missing, exception.Message, StringComparison.Ordinal);

        // The engine itself is asked to refuse, each time.
        var text = SourceTree.Read("docker-compose.yml");
        Assert.DoesNotContain($"${{{missing}}}", text, StringComparison.Ordinal);
        Assert.Contains($"${{{missing}:?", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_ArePublishedOnLoopbackOnly() =>
        Assert.Equal(["127.0.0.1:8080:8080"], Compose.Services.SelectMany(service => service.Ports));

    [Fact]
    public void Containers_CanDoNoMoreThanTheyNeed() => Assert.All(Ours, service =>
    {
        Assert.Equal("true", service.Value("read_only"));
        Assert.Equal(["ALL"], service.List("cap_drop"));
        Assert.Equal(["no-new-privileges:true"], service.List("security_opt"));
        Assert.Equal("unless-stopped", service.Value("restart"));
    });

    [Fact]
    public void Dependencies_AreWaitedForUntilTheyAreHealthy()
    {
        Assert.All(Compose.Services, service => Assert.All(service.DependsOn.Values, condition => Assert.Equal("service_healthy", condition)));
        Assert.Equal(["postgres"], Compose["silo"].DependsOn.Keys);
        Assert.Equal("pg_isready", Compose["postgres"].HealthCheck[1]);
    }

    /// <summary>Or the engine would end a silo that is still handing over.</summary>
    [Fact]
    public void GracePeriod_IsLongerThanASiloMayTake() =>
        Assert.True(Compose["silo"].StopGracePeriod > new StandaloneSilo.SiloSettings().ShutdownTimeout + StandaloneSilo.BoundedRun.Grace);

    /// <summary>All members of a cluster are of one, and have one database.</summary>
    [Fact]
    public void Members_AreOfOneCluster() => Assert.All(Ours, service =>
    {
        Assert.Equal("production", service.Environment["Orleans__ClusterId"]);
        Assert.Equal("production", service.Environment["Orleans__ServiceId"]);
        Assert.Equal(Compose["silo"].Environment["ConnectionStrings__OrleansPatterns"], service.Environment["ConnectionStrings__OrleansPatterns"]);
    });
}
