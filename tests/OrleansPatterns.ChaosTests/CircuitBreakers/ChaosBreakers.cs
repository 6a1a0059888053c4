using OrleansPatterns.CircuitBreakers;

namespace OrleansPatterns.ChaosTests.CircuitBreakers;

/// <summary>The dependencies that are called through breakers, and how these decide: the same in all processes.</summary>
internal static class ChaosBreakers
{
    internal const int ConcurrentProbes = 2;

    /// <summary>No process makes so many calls of this one within the sampling duration, so it opens for all or not at all.</summary>
    internal const string Shared = "dep-shared";

    /// <summary>So few calls are enough here that a process may be cut off for its own, and opens it when it is alone.</summary>
    internal const string Each = "dep-each";

    internal static readonly TimeSpan ProbeLease = TimeSpan.FromSeconds(2);

    internal static readonly IReadOnlyList<string> Dependencies = [Shared, Each];

    internal static void Configure(string dependency, CircuitBreakerOptions options)
    {
        options.FailureRatio = 0.2;
        options.MinimumThroughput = dependency == Shared ? 130 : 10;
        options.SamplingDuration = TimeSpan.FromSeconds(2);
        options.BreakDuration = TimeSpan.FromMilliseconds(500);
        options.MaxBreakDuration = TimeSpan.FromSeconds(2);
        options.SuccessfulProbes = 4;
        options.ConcurrentProbes = ConcurrentProbes;
        options.ProbeLease = ProbeLease;
        options.MinimumCallers = 1;
        options.MaxCallerShare = 1;
    }

    /// <summary>Whether a dependency fails: in some spans of two seconds, by the clock that all processes share.</summary>
    internal static bool Fails(string dependency, long now)
    {
        var span = (ulong)(now / 2_000_000_000);
        var mixed = ((span * 31) + (ulong)dependency.Length) * 0x9E3779B97F4A7C15;
        return ((mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9) >> 63 == 1;
    }
}
