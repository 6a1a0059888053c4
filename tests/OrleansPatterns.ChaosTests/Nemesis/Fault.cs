namespace OrleansPatterns.ChaosTests.Nemesis;

/// <summary>One thing that a nemesis does, and ends again.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="At">When it begins, from the start of the run.</param>
/// <param name="Duration">How long until what went comes back. Zero: at once.</param>
/// <param name="Target">Which silo or worker: to be taken modulo how many there are.</param>
/// <param name="Cut">Which direction is cut, where the fault is a cut.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan At, TimeSpan Duration, int Target, Cut Cut)
{
    internal TimeSpan EndsAt => At + Duration;
}
