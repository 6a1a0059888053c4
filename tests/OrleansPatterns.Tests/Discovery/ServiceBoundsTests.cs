using System.Globalization;
using OrleansPatterns.Discovery;
using static OrleansPatterns.Tests.Discovery.ServiceSamples;

namespace OrleansPatterns.Tests.Discovery;

public sealed class ServiceBoundsTests
{
    [Fact]
    public void Instance_WithEverything_IsValid()
    {
        ServiceBounds.Check(Full("a"));
        ServiceBounds.Check(Instance("a") with
        {
            Weight = 0,
            Metadata = new Dictionary<string, string> { ["k"] = new('v', (16 * 1024) - 1) },
            Lease = TimeSpan.FromMilliseconds(500),
            RemoveAfter = TimeSpan.FromMilliseconds(500),
        });
    }

    [Theory]
    [InlineData("/health", "The endpoint of an instance is an absolute address such as http://10.0.0.7:8080; this one is '/health'.")]
    [InlineData("file:///etc", "The endpoint of an instance is an absolute address such as http://10.0.0.7:8080; this one is 'file:///etc'.")]
    [InlineData("http://10.0.0.7:0", "The endpoint of an instance has a port from 1 to 65535; 'http://10.0.0.7:0/' has 0.")]
    [InlineData("tcp://10.0.0.7", "The endpoint of an instance has a port from 1 to 65535; 'tcp://10.0.0.7/' has none.")]
    public void Endpoint_ThatNobodyCouldCall_IsRefused(string endpoint, string message)
    {
        var uri = new Uri(endpoint, UriKind.RelativeOrAbsolute);
        if (!uri.IsAbsoluteUri || endpoint.StartsWith('/'))
        {
            uri = new Uri(endpoint, UriKind.Relative);
        }

        Check(message, Instance("a") with { Endpoint = uri });
        Check(message.Replace("endpoint of", "endpoint 'grpc' of", StringComparison.Ordinal), Instance("a") with { Endpoints = new Dictionary<string, Uri> { ["grpc"] = uri } });
    }

    [Fact]
    public void Metadata_OutOfBounds_IsRefused()
    {
        Check("The metadata of an instance has at most 16384 bytes of UTF-8; this one has 16385. Store the bulk elsewhere.", With("k", new string('v', 16 * 1024)));
        Check("The metadata of an instance has at most 16384 bytes of UTF-8; this one has 16401. Store the bulk elsewhere.", With("k", new string('ä', 8_200)));
        Check("The metadata value of 'k' is null; leave the key out.", With("k", null!));
        Check("The metadata key of an instance has 1 to 512 characters; this one has 0.", With("", "v"));
        Check(
            "An instance has at most 64 metadata entries; this one has 65.",
            Instance("a") with { Metadata = Enumerable.Range(0, 65).ToDictionary(number => $"{number}", _ => "v") });

        static ServiceInstance With(string key, string value) => Instance("a") with { Metadata = new Dictionary<string, string> { [key] = value } };
    }

    [Theory]
    [InlineData(-0.001)]
    [InlineData(1000.5)]
    [InlineData(double.NaN)]
    public void Weight_OutOfBounds_IsRefused(double weight) => Check(
        string.Create(CultureInfo.CurrentCulture, $"The weight of an instance is 0 to 1000; this one is {weight}."), Instance("a") with { Weight = weight });

    [Fact]
    public void Lease_OutOfBounds_IsRefused()
    {
        Check("The lease of an instance is 00:00:00.5000000 to 01:00:00; this one is 00:00:00.4990000.", Instance("a") with { Lease = TimeSpan.FromMilliseconds(499) });
        Check("The lease of an instance is 00:00:00.5000000 to 01:00:00; this one is 01:00:01.", Instance("a") with { Lease = TimeSpan.FromSeconds(3_601) });
        Check(
            "RemoveAfter of an instance is from its lease (00:00:20) to 1.00:00:00; this one is 00:00:19.",
            Instance("a") with { Lease = Seconds(20), RemoveAfter = Seconds(19) });
    }

    [Fact]
    public void OtherParts_OutOfBounds_AreRefused()
    {
        Check("The status of an instance is Starting, Up, Warning, Draining or Down; this one is None.", Instance("a") with { Status = InstanceStatus.None });
        Check("The tag of an instance has 1 to 128 characters; this one has 129.", Instance("a") with { Tags = [new string('t', 129)] });
        Check("An instance has at most 64 tags; this one has 65.", Instance("a") with { Tags = [.. Names(65)] });
        Check("The zone of an instance has 1 to 512 characters; this one has 0.", Instance("a") with { Zone = "" });
    }

    [Fact]
    public void HealthCheck_OutOfBounds_IsRefused()
    {
        Check("A health check is Http, Tcp or Grpc; this one is None.", new InstanceHealthCheck { Kind = HealthCheckKind.None });
        Check("The path of a health check begins with '/'; this one is 'health'.", new InstanceHealthCheck { Kind = HealthCheckKind.Http, Path = "health" });
        Check(
            "The health check asks the endpoint 'admin', and the instance has none of that name.",
            new InstanceHealthCheck { Kind = HealthCheckKind.Tcp, EndpointName = "admin" });
        Check("The interval of a health check is 00:00:01 to 01:00:00; this one is 00:00:00.", new InstanceHealthCheck { Kind = HealthCheckKind.Tcp, Interval = TimeSpan.Zero });
        Check("The FailuresToDown of a health check is 1 to 100; this one is 0.", new InstanceHealthCheck { Kind = HealthCheckKind.Tcp, FailuresToDown = 0 });
    }

    private static void Check(string message, InstanceHealthCheck check) => Check(message, Instance("a") with { HealthCheck = check });

    private static void Check(string message, ServiceInstance instance) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => ServiceBounds.Check(instance)).Message);
}
