namespace OrleansPatterns.ChaosTests.Discovery;

/// <summary>From one moment of the machine's monotonic clock to another.</summary>
internal readonly record struct Stretch(long From, long To);
