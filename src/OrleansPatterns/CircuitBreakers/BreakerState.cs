namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a breaker does with calls. Not named CircuitState, as Polly has that name in the namespace of the exceptions that callers catch.</summary>
[GenerateSerializer, Alias("OrleansPatterns.BreakerState")]
public enum BreakerState
{
    /// <summary>Never; a value that was not set.</summary>
    None = 0,

    /// <summary>Calls pass, and their outcomes are counted.</summary>
    Closed = 1,

    /// <summary>Calls are refused in every process until the break is over.</summary>
    Open = 2,

    /// <summary>The break is over: a few calls pass as probes, counted for the whole cluster, and decide.</summary>
    HalfOpen = 3,

    /// <summary>Held open by hand.</summary>
    Isolated = 4,

    /// <summary>Open for this process only: its own calls fail while those of the others do not.</summary>
    LocalOpen = 5,

    /// <summary>Held closed by hand: calls pass and are counted, and nothing opens it.</summary>
    ForcedClosed = 6,

    /// <summary>By hand: calls pass and are counted, and when the breaker would open it only says so, once a break, and begins to count anew when that would be over.</summary>
    MetricsOnly = 7,

    /// <summary>Switched off by hand: calls pass and are not counted.</summary>
    Disabled = 8,
}
