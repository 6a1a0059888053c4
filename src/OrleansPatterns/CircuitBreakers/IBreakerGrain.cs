namespace OrleansPatterns.CircuitBreakers;

/// <summary>Decides for the whole cluster about one dependency. Daily work goes through <see cref="ICircuitBreakerProvider"/>.</summary>
/// <remarks>Every method may be repeated. A change of state is durable before it is answered or told to anyone.</remarks>
[Alias("OrleansPatterns.IBreakerGrain")]
public interface IBreakerGrain : IGrainWithStringKey
{
    /// <summary>Adds a process' counts, and opens the breaker if that is due.</summary>
    /// <param name="report">The counts.</param>
    [Alias("Report")]
    Task<BreakerSnapshot> ReportAsync(BreakerReport report);

    /// <summary>Subscribes to changes, or renews a subscription.</summary>
    /// <param name="caller">The process' name.</param>
    /// <param name="epoch">Its run.</param>
    /// <param name="version">The highest version that the caller has heard of. An activation that knows less reads again before it answers.</param>
    /// <param name="observer">Is told of changes for a minute after the last call.</param>
    [Alias("Subscribe")]
    Task<BreakerSnapshot> SubscribeAsync(string caller, Guid epoch, long version, IBreakerObserver observer);

    /// <summary>Asks to let one call through although the breaker is open or half open.</summary>
    /// <param name="caller">The process' name.</param>
    /// <param name="version">The highest version that the caller has heard of.</param>
    /// <param name="settings">The caller's settings; the first ones that the grain hears of count.</param>
    [Alias("TryAcquireProbe")]
    Task<ProbeReply> TryAcquireProbeAsync(string caller, long version, BreakerSettings settings);

    /// <summary>Tells how a probe ended. A permit that has lapsed, or is of an older generation, changes nothing.</summary>
    /// <param name="caller">The process' name.</param>
    /// <param name="permitId">The permit.</param>
    /// <param name="outcome">How it ended.</param>
    [Alias("ReportProbe")]
    Task<BreakerSnapshot> ReportProbeAsync(string caller, long permitId, CallOutcome outcome);

    /// <summary>Holds the breaker by hand.</summary>
    /// <param name="byHand">How, why and for how long.</param>
    /// <param name="decisionId">The same in each attempt: one that comes late, behind another decision, changes nothing. Empty (default): each counts.</param>
    [Alias("Hold")]
    Task<BreakerSnapshot> HoldAsync(BreakerOverride byHand, Guid decisionId = default);

    /// <summary>Closes the breaker, whatever its state, and begins to count anew.</summary>
    /// <param name="author">Who decided.</param>
    /// <param name="decisionId">The same in each attempt: one that comes late, behind another decision, changes nothing. Empty (default): each counts.</param>
    [Alias("Close")]
    Task<BreakerSnapshot> CloseAsync(string? author, Guid decisionId = default);

    /// <summary>The breaker as an operator sees it.</summary>
    [Alias("GetStatus")]
    Task<BreakerStatus> GetStatusAsync();
}
