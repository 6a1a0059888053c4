namespace OrleansPatterns.Discovery;

/// <summary>A check that the registry makes by itself, beside the instance's heartbeats: a process may beat and yet not answer.</summary>
/// <remarks>
/// Made by the silo that has the service's list, and only at addresses that <c>HealthCheckOptions.Allow</c> of the silos permits. A check tells
/// nothing until it has failed or succeeded often enough; until then the instance's own word holds.
/// </remarks>
[GenerateSerializer, Immutable, Alias("OrleansPatterns.InstanceHealthCheck")]
public sealed record InstanceHealthCheck
{
    /// <summary>How it is asked.</summary>
    [Id(0)]
    public required HealthCheckKind Kind { get; init; }

    /// <summary>Which of <see cref="ServiceInstance.Endpoints"/> is asked; <see langword="null"/> (default): <see cref="ServiceInstance.Endpoint"/>.</summary>
    [Id(1)]
    public string? EndpointName { get; init; }

    /// <summary>Http: the path and query to get, beginning with a slash. Default <c>/health</c>. At most 512 characters.</summary>
    [Id(2)]
    public string Path { get; init; } = "/health";

    /// <summary>Grpc: the service to ask for. Default empty: the server as a whole. At most 512 characters.</summary>
    [Id(3)]
    public string GrpcService { get; init; } = "";

    /// <summary>From the end of one check to the next. Default 10 seconds. 1 second to 1 hour.</summary>
    [Id(4)]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer may take. Default 2 seconds. 10 milliseconds to 1 minute.</summary>
    [Id(5)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After how many failures in a row the instance is Down. Default 3. 1 to 100.</summary>
    [Id(6)]
    public int FailuresToDown { get; init; } = 3;

    /// <summary>After how many successes in a row it is as it says itself again. Default 2. 1 to 100.</summary>
    [Id(7)]
    public int SuccessesToUp { get; init; } = 2;
}
