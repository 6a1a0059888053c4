using OrleansPatterns.Locks;
using OrleansPatterns.Server.Locks;

namespace OrleansPatterns.Tests.Locks;

/// <summary>What a simulation is about.</summary>
/// <param name="Modes">What clients ask for.</param>
/// <param name="Terms">How claims are made.</param>
/// <param name="Permits">The size of the semaphore; 0: a lock.</param>
/// <param name="HasBreaks">Whether an operator breaks holds.</param>
/// <param name="RateError">How much too slow or too fast each clock is; two clocks differ by up to twice as much.</param>
/// <param name="Removed">The rule that is left out, to see whether that is found.</param>
internal sealed record LockWorld(
    LockMode[] Modes, LockTerms Terms, int Permits = 0, bool HasBreaks = false, double RateError = LockWorld.AllowedRateError, LockRule Removed = LockRule.None)
{
    /// <summary>The edge of what the rules allow for: two clocks differ by 0.98 %.</summary>
    internal const double AllowedRateError = 0.0049;
}
