using System.Net;
using Microsoft.Extensions.Options;
using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

public sealed class HealthCheckGateTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.0/8", "::ffff:11.0.0.1", false)]
    [InlineData("10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.0.0.7", "10.0.0.8", false)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::/8", "fe80::1", false)]
    [InlineData("fd00::7", "fd00::7", true)]
    [InlineData("fd00::7", "fd00::8", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "11.1.2.3", false)]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "::ffff:10.0.0.1", false)]
    [InlineData("::/0", "::1", true)]
    public void Permits_Address_OnlyWithinTheNetwork(string allow, string address, bool expected) =>
        Assert.Equal(expected, Gate(allow).Permits(IPAddress.Parse(address)));

    [Fact]
    public void Permits_SeveralEntries_AnyOfThemSuffices()
    {
        var gate = Gate("10.0.0.0/8", "fd00::/8");
        Assert.True(gate.Permits(IPAddress.Parse("10.0.0.1")) && gate.Permits(IPAddress.Parse("fd00::1")));
    }

    [Fact]
    public void Permits_WithoutEntries_Nothing()
    {
        Assert.False(Gate().Permits(IPAddress.Loopback));
        Assert.Equal((true, false), (Gate().IsClosed, Gate("10.0.0.7").IsClosed));
    }

    [Fact]
    public void CheckRegistration_WithoutEntries_SaysThatNoChecksAreMade()
    {
        var exception = Assert.Throws<ArgumentException>(() => Gate().CheckRegistration(Asking("http://shop.internal:8080")));
        Assert.Equal(
            "Instance 'shop-1' asks for a health check at shop.internal, and the silos make none: HealthCheckOptions.Allow is empty. "
            + "Add the networks that may be checked, such as 10.0.0.0/8, to it on every silo, or register the instance without a health check.",
            exception.Message);
    }

    [Theory]
    [InlineData("http://192.168.0.1:8080", "192.168.0.1")]
    [InlineData("http://[fd00::1]:8080", "fd00::1")]
    [InlineData("http://3232235521:8080", "192.168.0.1")] // As one number, which HTTP clients understand.
    public void CheckRegistration_AddressNotPermitted_NamesIt(string endpoint, string address)
    {
        var exception = Assert.Throws<ArgumentException>(() => Gate("10.0.0.0/8").CheckRegistration(Asking(endpoint)));
        Assert.Equal(
            $"Instance 'shop-1' asks for a health check at {address}, and HealthCheckOptions.Allow of the silos does not permit that address. "
            + "Add it or its network to Allow on every silo, or register the instance without a health check.",
            exception.Message);
    }

    [Fact]
    public void CheckRegistration_HttpCheckOfAnotherScheme_SaysWhatItNeeds()
    {
        var exception = Assert.Throws<ArgumentException>(() => Gate("10.0.0.0/8").CheckRegistration(Asking("tcp://10.0.0.1:5432")));
        Assert.Equal(
            "Instance 'shop-1' asks for a health check of kind Http at 'tcp://10.0.0.1:5432/'; such a check needs an http or https address. "
            + "Name another of the instance's addresses in EndpointName, or use kind Tcp.",
            exception.Message);
    }

    [Theory]
    [InlineData("http://10.0.0.1:8080", HealthCheckKind.Http)]
    [InlineData("https://10.0.0.1:8080", HealthCheckKind.Grpc)]
    [InlineData("tcp://10.0.0.1:5432", HealthCheckKind.Tcp)]
    [InlineData("http://[::ffff:10.0.0.1]:8080", HealthCheckKind.Http)]
    [InlineData("http://localhost:8080", HealthCheckKind.Http)] // Judged at each check.
    public void CheckRegistration_WhatMayBeChecked_Passes(string endpoint, HealthCheckKind kind) =>
        Gate("10.0.0.0/8").CheckRegistration(Asking(endpoint, kind));

    [Fact]
    public void CheckRegistration_NamedEndpoint_IsTheOneThatIsJudged()
    {
        var instance = Asking("http://10.0.0.1:8080") with
        {
            Endpoints = new Dictionary<string, Uri> { ["admin"] = new("http://192.168.0.1:81") },
            HealthCheck = new InstanceHealthCheck { Kind = HealthCheckKind.Http, EndpointName = "admin" },
        };
        Assert.Contains("192.168.0.1", Assert.Throws<ArgumentException>(() => Gate("10.0.0.0/8").CheckRegistration(instance)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckRegistration_WithoutAHealthCheck_Passes() =>
        Gate().CheckRegistration(Asking("http://192.168.0.1:8080") with { HealthCheck = null });

    private static HealthCheckGate Gate(params string[] allow)
    {
        var options = new HealthCheckOptions();
        Array.ForEach(allow, options.Allow.Add);
        return new HealthCheckGate(Options.Create(options));
    }

    private static ServiceInstance Asking(string endpoint, HealthCheckKind kind = HealthCheckKind.Http) =>
        new() { Id = "shop-1", Endpoint = new Uri(endpoint), HealthCheck = new InstanceHealthCheck { Kind = kind } };
}
