namespace OrleansPatterns.CircuitBreakers;

/// <summary>What a decision needs from outside.</summary>
/// <param name="Now">The present, on the owner's monotonic clock.</param>
/// <param name="At">The present, for people to read. Nothing is decided by it.</param>
/// <param name="Random">0 to 1; keeps breakers that opened together from probing together.</param>
internal readonly record struct BreakerMoment(TimeSpan Now, DateTimeOffset At, double Random);
