namespace OrleansPatterns.CircuitBreakers;

/// <summary>How a call through a breaker ended.</summary>
[GenerateSerializer, Alias("OrleansPatterns.CallOutcome")]
public enum CallOutcome
{
    /// <summary>Never; a value that was not set.</summary>
    None = 0,

    /// <summary>The dependency answered well.</summary>
    Succeeded = 1,

    /// <summary>It failed. A probe that fails opens the breaker again.</summary>
    Failed = 2,

    /// <summary>The caller gave up: nothing is known and nothing counted, and a probe's permit is free.</summary>
    Cancelled = 3,
}
