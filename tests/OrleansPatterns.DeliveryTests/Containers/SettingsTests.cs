using Microsoft.Extensions.Configuration;
using OrleansPatterns.StandaloneSilo;

namespace OrleansPatterns.DeliveryTests.Containers;

/// <summary>What the standalone silo says of settings that it cannot use.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Locks:GrantHorizn", "00:00:02", "Locks:GrantHorizn is not a setting (Locks__GrantHorizn as an environment variable). Those of Locks are Lease, Owner, Durability, GrantHorizon, TokenBlock, FirstToken.")]
    [InlineData("Orleans:ClustrId", "production", "Orleans:ClustrId is not a setting. Those of Orleans are ClusterId, ServiceId, Name,")]
    [InlineData("Operators:Tokn", "x", "Operators:Tokn is not a setting (Operators__Tokn as an environment variable). Those of Operators are Token, AllowAnonymous.")]
    [InlineData("CircuitBreakers:Named:payments:FailureRato", "1", "CircuitBreakers:Named:payments:FailureRato is not a setting (CircuitBreakers__Named__payments__FailureRato as an environment variable). Those of CircuitBreakers:Named:payments are FailureRatio,")]
    [InlineData("Locks:Lease:Seconds", "15", "Locks:Lease:Seconds is not a setting: Locks:Lease is a time such as 00:00:15.")]
    [InlineData("Locks:Lease", "15", "Locks:Lease is '15'; it must be a time such as 00:00:15.")]
    [InlineData("Locks:Lease", "", "Locks:Lease is ''; it must be a time such as 00:00:15.")]
    [InlineData("Locks:FirstToken", "a trillion", "Locks:FirstToken is 'a trillion'; it must be a whole number.")]
    [InlineData("Locks:TokenBlock", "many", "Locks:TokenBlock is 'many'; it must be a whole number.")]
    [InlineData("Locks:Durability", "Maybe", "Locks:Durability is 'Maybe'; it must be Leased or WriteThrough.")]
    [InlineData("Postgres:CutOffAfter", "never", "Postgres:CutOffAfter is 'never'; it must be a time such as 00:00:15, or empty.")]
    [InlineData("Postgres:MigrateSchema", "no", "Postgres:MigrateSchema is 'no'; it must be true or false.")]
    [InlineData("CircuitBreakers:FailureRatio", "a tenth", "CircuitBreakers:FailureRatio is 'a tenth'; it must be a number such as 0.5.")]
    [InlineData("HealthChecks:Allow", "10.0.0.0/8", "HealthChecks:Allow is '10.0.0.0/8'; it must be a list: HealthChecks__Allow__0, HealthChecks__Allow__1 and so on.")]
    [InlineData("Membership:ProbeTimeout", "1", "Membership:ProbeTimeout is '1'; it must be a time such as 00:00:15.")]
    [InlineData("SiloPort", "11111a", "SiloPort is '11111a'; it must be a whole number.")]
    [InlineData("SiloPort", "70000", "SiloPort is 70000; it must be 1 to 65535.")]
    [InlineData("GatewayPort", "11111", "GatewayPort is 11111; it must be 1 to 65535, and not SiloPort (11111).")]
    [InlineData("AdvertisedIPAddress", "silo-1", "AdvertisedIPAddress is 'silo-1'; it must be an IP address.")]
    [InlineData("ShutdownTimeout", "00:00:00", "ShutdownTimeout is 00:00:00; it must be 00:00:01 to 01:00:00.")]
    [InlineData("ConnectionStrings:OrleansPatterns", "", "ConnectionStrings:OrleansPatterns is not set.")]
    public void Complaints_OfWhatIsWrong_NameItAndSayWhatIsRight(string name, string value, string complaint) =>
        Assert.StartsWith(complaint, Assert.Single(Complaints((name, value))), StringComparison.Ordinal);

    [Fact]
    public void Complaints_OfSeveralFaults_AreMadeAtOnce() =>
        Assert.Equal(3, Complaints(("Locks:Leas", "1"), ("Sagas:Retention", "x"), ("GatewayPort", "0")).Count);

    [Theory]
    [InlineData("locks:granthorizon", "00:00:02")]
    [InlineData("Postgres:CutOffAfter", "")]
    [InlineData("HealthChecks:Allow:0", "10.0.0.0/8")]
    [InlineData("CircuitBreakers:Named:payments:FailureRatio", "0.5")]
    [InlineData("Orleans:EnableDistributedTracing", "true")]
    [InlineData("Retention", "of somebody else")]
    public void Complaints_OfWhatIsRight_AreNone(string name, string value) => Assert.Empty(Complaints((name, value)));

    [Theory]
    [InlineData("http://+:8080", null, "http://127.0.0.1:8080/health/live")]
    [InlineData("https://*:8443;http://0.0.0.0:80", null, "http://127.0.0.1/health/live")]
    [InlineData("http://[::]:8080", null, "http://127.0.0.1:8080/health/live")]
    [InlineData("http://10.0.0.7:8080", null, "http://10.0.0.7:8080/health/live")]
    [InlineData(null, "8081;8082", "http://127.0.0.1:8081/health/live")]
    [InlineData("https://+:8443", "", null)]
    public void Probe_AsksWhatTheServerListensOn(string? urls, string? ports, string? address) =>
        Assert.Equal(address, SelfProbe.AddressIn(urls, ports)?.ToString());

    [Theory]
    [InlineData("Locks__GrantHorizn", "00:00:02", "Locks:GrantHorizn is not a setting")]
    [InlineData("Locks__GrantHorizon", "00:01:00", "LockOptions.GrantHorizon is 00:01:00; it must be 00:00:00.1000000 to 00:00:30.")]
    [InlineData("CircuitBreakers__Named__payments__FailureRatio", "2", "CircuitBreakerOptions.FailureRatio is 2")]
    public async Task Silo_WithASettingThatItCannotUse_SaysSoAndDoesNotStart(string name, string value, string complaint)
    {
        var image = Dockerfile.OfRepository.ImageOf("host");
        var environment = new LoopbackNetwork(postgresPort: 1).Translate(
            image.Environment.Concat(RunningComposition.Compose["silo"].Environment).Append(new(name, value)));
        await using var silo = ContainerProcess.Start("silo", image, environment);

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.Contains(complaint, silo.Said, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Complaints(params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["ConnectionStrings:OrleansPatterns"] = "Host=postgres" };
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return Settings.Complaints(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }
}
