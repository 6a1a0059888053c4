namespace OrleansPatterns.CircuitBreakers;

/// <summary>How a probe ended.</summary>
[GenerateSerializer, Alias("OrleansPatterns.ProbeOutcome")]
public enum ProbeOutcome
{
    /// <summary>Never; a value that was not set.</summary>
    None = 0,

    /// <summary>The dependency answered well.</summary>
    Succeeded = 1,

    /// <summary>It failed: the breaker opens again.</summary>
    Failed = 2,

    /// <summary>The caller gave up; nothing is known, and the permit is free.</summary>
    Cancelled = 3,
}
