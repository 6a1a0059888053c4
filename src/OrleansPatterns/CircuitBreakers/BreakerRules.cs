namespace OrleansPatterns.CircuitBreakers;

/// <summary>Into what a circuit changes. Pure.</summary>
/// <remarks>
/// Here and not beside the grain, because a process that cannot reach the cluster decides alone, by the same rules. Every change of state is a new
/// generation, so that whatever was begun under an older one is known for late.
/// </remarks>
internal static class BreakerRules
{
    private const double Jitter = 0.1;

    public static BreakerCircuit Open(BreakerCircuit circuit, long generation, BreakerSettings settings, string reason, double random)
    {
        var reopenings = circuit.State == BreakerState.HalfOpen ? circuit.Reopenings + 1 : 0;
        return new()
        {
            State = BreakerState.Open,
            Generation = generation,
            Reopenings = reopenings,
            BreakDuration = BreakAfter(settings, reopenings, random),
            Reason = reason,
        };
    }

    public static BreakerCircuit BeginProbing(BreakerCircuit circuit, long generation) =>
        circuit with { State = BreakerState.HalfOpen, Generation = generation, SuccessfulProbes = 0, Permits = [] };

    public static BreakerCircuit Closed(long generation) => new() { Generation = generation };

    /// <summary>Under MetricsOnly: nobody is cut off, but nothing is counted for as long as they would have been.</summary>
    public static BreakerCircuit ClosedThoughDue(long generation, BreakerSettings settings) =>
        Closed(generation) with { BreakDuration = settings.BreakDuration };

    /// <summary>A probe of a half-open circuit has ended.</summary>
    public static BreakerCircuit EndProbe(
        BreakerCircuit circuit, long permit, CallOutcome outcome, long generation, BreakerSettings settings, double random) => outcome switch
        {
            CallOutcome.Cancelled => circuit with { Permits = circuit.Permits.Remove(permit) },
            CallOutcome.Failed => Open(circuit, generation, settings, circuit.Reason ?? "A probe failed.", random),
            CallOutcome.Succeeded when circuit.SuccessfulProbes + 1 >= settings.SuccessfulProbes => Closed(generation),
            CallOutcome.Succeeded => circuit with { Permits = circuit.Permits.Remove(permit), SuccessfulProbes = circuit.SuccessfulProbes + 1 },
            _ => throw new InvalidOperationException($"Probe {permit} ended as {outcome}."),
        };

    private static TimeSpan BreakAfter(BreakerSettings settings, int reopenings, double random)
    {
        var doubled = settings.BreakDuration.TotalMilliseconds * Math.Pow(2, Math.Min(reopenings, 30));
        var capped = Math.Min(doubled, settings.MaxBreakDuration.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Min(capped * (1 - Jitter + (2 * Jitter * random)), settings.MaxBreakDuration.TotalMilliseconds));
    }
}
