namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a breaker does with calls. Not named CircuitState, as Polly has that name in the namespace of the exceptions that callers catch.</summary>
[GenerateSerializer, Alias("OrleansPatterns.BreakerState")]
public enum BreakerState
{
    /// <summary>Never; a value that was not set.</summary>
    None = 0,

    /// <summary>Calls pass, and their outcomes are counted.</summary>
    Closed = 1,

    /// <summary>Calls are refused until the break is over.</summary>
    Open = 2,

    /// <summary>The break is over: a few calls pass as probes, one at a time for the whole cluster, and decide.</summary>
    HalfOpen = 3,

    /// <summary>Held open by hand, until closed by hand.</summary>
    Isolated = 4,
}
