namespace OrleansPatterns.Discovery;

/// <summary>How the registry asks an instance whether it is well.</summary>
public enum HealthCheckKind
{
    /// <summary>Not a kind; refused.</summary>
    None = 0,

    /// <summary>A GET; any answer from 200 to 299 is well. Redirects are not followed.</summary>
    Http = 1,

    /// <summary>A connection that is accepted is well.</summary>
    Tcp = 2,

    /// <summary>gRPC's own health service (<c>grpc.health.v1.Health/Check</c>); SERVING is well.</summary>
    Grpc = 3,
}
