using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class HealthCheckOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new HealthCheckOptions();
        Assert.Equal((0, 64), (options.Allow.Count, options.MaxConcurrent));
    }

    [Fact]
    public void Validate_SeveralFaults_ReportsAllOfThem()
    {
        var options = new HealthCheckOptions { Allow = { "10.0.0.0/8", "10.0.0.7", "foo", "fd00::/8", "10.0.0.0/33" }, MaxConcurrent = 0 };
        Assert.Equal(
            [
                "HealthCheckOptions.Allow[2] is 'foo'; it must be an IP address or a network such as 10.0.0.0/8.",
                "HealthCheckOptions.Allow[4] is '10.0.0.0/33'; it must be an IP address or a network such as 10.0.0.0/8.",
                "HealthCheckOptions.MaxConcurrent is 0; it must be 1 to 10000.",
            ],
            new HealthCheckOptionsValidator().Validate(null, options).Failures);
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("FD00::/8", true)]
    [InlineData("::ffff:10.0.0.0/104", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("10", false)] // Would be 0.0.0.10.
    [InlineData("010.0.0.0/8", false)] // Would be 8.0.0.0/8.
    [InlineData("10.0.0.7/8", false)]
    [InlineData("fd00::1/8", false)]
    [InlineData("10.0.0.0/", false)]
    [InlineData("10.0.0.0/8/8", false)]
    [InlineData("10.0.0.1:80", false)]
    [InlineData("[::1]:80", false)]
    [InlineData("fe80::1%2", false)]
    [InlineData("localhost", false)]
    public void Validate_Entry_IsAnAddressOrANetworkWrittenPlainly(string? entry, bool isValid) =>
        Assert.Equal(isValid, new HealthCheckOptionsValidator().Validate(null, new HealthCheckOptions { Allow = { entry! } }).Succeeded);

    [Theory]
    [InlineData(1, true)]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public void Validate_MaxConcurrent_IsWithinItsBounds(int value, bool isValid) =>
        Assert.Equal(isValid, new HealthCheckOptionsValidator().Validate(null, new HealthCheckOptions { MaxConcurrent = value }).Succeeded);

    [Fact]
    public void AddDiscoveryServer_Twice_ChecksTheOptionsOnceWhenTheSiloStarts()
    {
        using var services = new ServiceCollection()
            .AddDiscoveryServer()
            .AddDiscoveryServer()
            .Configure<HealthCheckOptions>(options => options.Allow.Add("foo"))
            .BuildServiceProvider();
        var exception = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
        Assert.Equal(["HealthCheckOptions.Allow[0] is 'foo'; it must be an IP address or a network such as 10.0.0.0/8."], exception.Failures);
    }

    [Fact]
    public async Task AddDiscoveryServer_WithDefaults_MakesAProberThatReachesNobody()
    {
        using var services = new ServiceCollection().AddDiscoveryServer().AddSingleton<TimeProvider>(new ObservedTime()).BuildServiceProvider();
        var instance = new ServiceInstance { Id = "a", Endpoint = new Uri("http://127.0.0.1:8080") };
        Assert.Equal(
            "address 127.0.0.1 is not permitted by HealthCheckOptions.Allow",
            await services.GetRequiredService<IHealthProber>().ProbeAsync(
                instance, new InstanceHealthCheck { Kind = HealthCheckKind.Http }, TestContext.Current.CancellationToken));
    }
}
