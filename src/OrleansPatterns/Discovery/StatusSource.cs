namespace OrleansPatterns.Discovery;

/// <summary>Who says what an instance's status is.</summary>
public enum StatusSource
{
    /// <summary>Not a source.</summary>
    None = 0,

    /// <summary>The instance itself.</summary>
    Instance = 1,

    /// <summary>An operator, whose word beats all others.</summary>
    Operator = 2,

    /// <summary>Nobody: the instance has not been heard of for as long as its lease.</summary>
    Lease = 3,

    /// <summary>The health check that the registry makes.</summary>
    HealthCheck = 4,
}
