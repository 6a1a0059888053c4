namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a call needs to know, in one immutable object behind one volatile field.</summary>
/// <param name="State">The state.</param>
/// <param name="Generation">The generation.</param>
/// <param name="OpenUntil">When the break, or what was decided by hand, is over, on this process' monotonic clock.</param>
/// <param name="Reason">Why the breaker is not closed.</param>
/// <param name="Refusal">What refused calls are told; made once, as there may be many.</param>
/// <param name="Counts">Where the outcomes of calls go that begin now.</param>
internal sealed record BreakerView(BreakerState State, long Generation, TimeSpan OpenUntil, string? Reason, string Refusal, CallCounts Counts)
{
    /// <summary>Generations that a process makes alone count on from here, so that none is ever taken for one of the cluster's.</summary>
    public const long AloneGenerations = -(1L << 40);

    /// <summary>Whether this process has decided otherwise than the cluster did last.</summary>
    public bool IsDecidedAlone => Generation < 0;

    /// <summary>Whether calls pass without asking.</summary>
    public bool Passes { get; } = LetsPass(State);

    public static bool LetsPass(BreakerState state) =>
        state is BreakerState.Closed or BreakerState.ForcedClosed or BreakerState.MetricsOnly or BreakerState.Disabled;
}
