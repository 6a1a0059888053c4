namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>What the processes of the breakers' workload do and see; the key is the dependency.</summary>
internal static class BreakerActions
{
    /// <summary>A call that only a probe may be. Ok: it is one, with its permit's number; without a number it passes like any other. Refused: it is none.</summary>
    internal const string Ask = "ask";

    /// <summary>The value of an answer that the process gave itself, as it was alone.</summary>
    internal const string Alone = "alone";

    /// <summary>From the call to the answer a probe was under way, with its permit's number.</summary>
    internal const string Probe = "probe";

    /// <summary>To tell how a probe has ended.</summary>
    internal const string Tell = "tell";

    /// <summary>Calls passed that were no probes, by the cluster's word: the first when called, the last when answered. The number is how many.</summary>
    internal const string Pass = "pass";

    /// <summary>From the call to the answer the breaker was in the state that is the value, by the cluster's word. The number is its version.</summary>
    internal const string See = "see state";

    /// <summary>The same, but the process decided alone.</summary>
    internal const string SeeAlone = "see state alone";

    /// <summary>To hold the breaker open by hand.</summary>
    internal const string Isolate = "isolate";

    /// <summary>To close it by hand.</summary>
    internal const string Close = "close";

    /// <summary>When all is over: the value is the state in which the cluster has it held by hand, or None.</summary>
    internal const string Status = "status";

    internal static readonly string[] All = [Ask, Probe, Tell, Pass, See, SeeAlone, Isolate, Close, Status];

    /// <summary>What is asked for.</summary>
    internal static readonly string[] Calls = [Ask, Pass, Isolate, Close];
}
