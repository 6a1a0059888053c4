using Microsoft.Extensions.Logging;
using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.Server.CircuitBreakers;

internal sealed partial class ClusterBreaker
{
    [LoggerMessage(2101, LogLevel.Information, "Breaker '{Dependency}' went from {From} to {To} for {Callers}: {Reason} Failures by caller: {Breakdown}.")]
    private partial void LogChanged(string dependency, BreakerState from, BreakerState to, string callers, string reason, string breakdown);

    [LoggerMessage(2102, LogLevel.Error, "The listener {Listener} failed to hear of a change of breaker '{Dependency}'. The change holds; only that listener has missed it.")]
    private partial void LogListenerFailed(Exception exception, string dependency, Type listener);
}
