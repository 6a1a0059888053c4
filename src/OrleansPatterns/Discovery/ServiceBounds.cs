using System.Text;

namespace OrleansPatterns.Discovery;

/// <summary>What an instance may be; checked by the client before anything is sent, and by the grain before anything is written.</summary>
internal static class ServiceBounds
{
    internal const int MaxTextLength = 512;
    internal const int MaxMetadataEntries = 64;
    internal const int MaxMetadataBytes = 16 * 1024;
    internal const int MaxEndpoints = 16;
    internal const int MaxEndpointNameLength = 64;
    internal const int MaxTags = 64;
    internal const int MaxTagLength = 128;
    internal const double MaxWeight = 1_000;
    internal static readonly TimeSpan MinLease = TimeSpan.FromMilliseconds(500);
    internal static readonly TimeSpan MaxLease = TimeSpan.FromHours(1);
    internal static readonly TimeSpan MaxRemoveAfter = TimeSpan.FromHours(24);

    /// <exception cref="ArgumentException">Something is out of bounds; the message names what, the value and the bound.</exception>
    internal static void Check(ServiceInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        _ = ResourceKey.Parse(instance.Id);
        CheckEndpoint(instance.Endpoint, "endpoint");
        CheckCount(instance.Endpoints.Count, MaxEndpoints, "named endpoints");
        foreach (var (name, endpoint) in instance.Endpoints)
        {
            CheckLength(name, 1, MaxEndpointNameLength, "endpoint name");
            CheckEndpoint(endpoint, $"endpoint '{name}'");
        }

        CheckLength(instance.Zone, 1, MaxTextLength, "zone");
        CheckLength(instance.Version, 1, MaxTextLength, "version");
        CheckCount(instance.Tags.Length, MaxTags, "tags");
        foreach (var tag in instance.Tags)
        {
            CheckLength(tag, 1, MaxTagLength, "tag");
        }

        CheckMetadata(instance.Metadata);
        if (!(instance.Weight >= 0 && instance.Weight <= MaxWeight))
        {
            throw Fault($"The weight of an instance is 0 to {MaxWeight}; this one is {instance.Weight}.");
        }

        if (instance.Status is < InstanceStatus.Starting or > InstanceStatus.Down)
        {
            throw Fault($"The status of an instance is Starting, Up, Warning, Draining or Down; this one is {instance.Status}.");
        }

        CheckLease(instance);
        if (instance.HealthCheck is { } check)
        {
            CheckHealthCheck(check, instance);
        }
    }

    /// <exception cref="ArgumentException">Something is out of bounds.</exception>
    internal static void Check(InstanceOverride byHand)
    {
        if (byHand.Status is < InstanceStatus.Starting or > InstanceStatus.Down)
        {
            throw Fault($"The status of an instance is Starting, Up, Warning, Draining or Down; this one is {byHand.Status}.");
        }

        CheckLength(byHand.Reason, 1, MaxTextLength, "reason");
        CheckLength(byHand.Author, 1, MaxTextLength, "author");
    }

    private static void CheckEndpoint(Uri? endpoint, string what)
    {
        if (endpoint is not { IsAbsoluteUri: true } || endpoint.Host.Length == 0)
        {
            throw Fault($"The {what} of an instance is an absolute address such as http://10.0.0.7:8080; this one is '{endpoint}'.");
        }

        if (endpoint.Port is < 1 or > 65_535)
        {
            throw Fault($"The {what} of an instance has a port from 1 to 65535; '{endpoint}' has {(endpoint.Port < 0 ? "none" : $"{endpoint.Port}")}.");
        }

        CheckLength(endpoint.OriginalString, 1, MaxTextLength, what);
    }

    private static void CheckMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        CheckCount(metadata.Count, MaxMetadataEntries, "metadata entries");
        var bytes = 0;
        foreach (var (key, value) in metadata)
        {
            CheckLength(key, 1, MaxTextLength, "metadata key");
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value ?? throw Fault($"The metadata value of '{key}' is null; leave the key out."));
        }

        if (bytes > MaxMetadataBytes)
        {
            throw Fault($"The metadata of an instance has at most {MaxMetadataBytes} bytes of UTF-8; this one has {bytes}. Store the bulk elsewhere.");
        }
    }

    private static void CheckLease(ServiceInstance instance)
    {
        if (instance.Lease is { } lease && (lease < MinLease || lease > MaxLease))
        {
            throw Fault($"The lease of an instance is {MinLease} to {MaxLease}; this one is {lease}.");
        }

        if (instance.RemoveAfter is { } removeAfter && (removeAfter < (instance.Lease ?? MinLease) || removeAfter > MaxRemoveAfter))
        {
            throw Fault($"RemoveAfter of an instance is from its lease ({instance.Lease ?? MinLease}) to {MaxRemoveAfter}; this one is {removeAfter}.");
        }
    }

    private static void CheckHealthCheck(InstanceHealthCheck check, ServiceInstance instance)
    {
        if (check.Kind is < HealthCheckKind.Http or > HealthCheckKind.Grpc)
        {
            throw Fault($"A health check is Http, Tcp or Grpc; this one is {check.Kind}.");
        }

        if (check.EndpointName is { } name && !instance.Endpoints.ContainsKey(name))
        {
            throw Fault($"The health check asks the endpoint '{name}', and the instance has none of that name.");
        }

        if (check.Path is not ['/', ..])
        {
            throw Fault($"The path of a health check begins with '/'; this one is '{check.Path}'.");
        }

        CheckLength(check.Path, 1, MaxTextLength, "health check's path");
        CheckLength(check.GrpcService, 0, MaxTextLength, "health check's gRPC service");
        CheckRange(check.Interval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "interval");
        CheckRange(check.Timeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), "timeout");
        CheckRange(check.FailuresToDown, 1, 100, "FailuresToDown");
        CheckRange(check.SuccessesToUp, 1, 100, "SuccessesToUp");
    }

    private static void CheckRange<T>(T value, T min, T max, string what)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw Fault($"The {what} of a health check is {min} to {max}; this one is {value}.");
        }
    }

    private static void CheckCount(int count, int max, string what)
    {
        if (count > max)
        {
            throw Fault($"An instance has at most {max} {what}; this one has {count}.");
        }
    }

    private static void CheckLength(string? text, int min, int max, string what)
    {
        if (text is not null && (text.Length < min || text.Length > max))
        {
            throw Fault($"The {what} of an instance has {min} to {max} characters; this one has {text.Length}.");
        }
    }

    private static ArgumentException Fault(string message) => new(message);
}
