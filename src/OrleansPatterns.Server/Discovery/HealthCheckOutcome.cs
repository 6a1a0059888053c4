namespace OrleansPatterns.Server.Discovery;

/// <summary>How one check of an instance ended.</summary>
internal enum HealthCheckOutcome
{
    None = 0,
    Passed = 1,
    Failed = 2,
}
