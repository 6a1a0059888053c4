using OrleansPatterns.Discovery;
using OrleansPatterns.Server.Discovery;

namespace OrleansPatterns.Tests.Discovery;

/// <summary>Instances and lists as tests need them.</summary>
internal static class ServiceSamples
{
    internal static readonly Guid Epoch = Guid.NewGuid();

    internal static ServiceInstance Instance(string id) => new() { Id = id, Endpoint = new Uri("http://127.0.0.1:8080") };

    /// <summary>With everything that an instance can have.</summary>
    internal static ServiceInstance Full(string id) => Instance(id) with
    {
        Zone = "z",
        Version = "1.2",
        Metadata = new Dictionary<string, string> { ["k"] = "v" },
        Endpoints = new Dictionary<string, Uri> { ["grpc"] = new("http://127.0.0.1:8081") },
        Tags = ["red", "blue"],
        Weight = 2.5,
        HealthCheck = new InstanceHealthCheck { Kind = HealthCheckKind.Http, Path = "/ready" },
        Lease = TimeSpan.FromSeconds(7),
        RemoveAfter = TimeSpan.FromSeconds(9),
    };

    internal static ServiceRecord Add(ServiceRecord record, string id) => ServiceRules.Register(record, Instance(id), Epoch);

    internal static ServiceRecord Add(ServiceRecord record, IEnumerable<string> ids) => ids.Aggregate(record, Add);

    internal static (InstanceStatus Status, StatusSource Source) Listed(ServiceRecord record, string id) =>
        record.Find(id)!.Listed is var listed ? (listed.Status, listed.StatusSource) : default;

    internal static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(number => $"i{number:D3}");

    internal static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
