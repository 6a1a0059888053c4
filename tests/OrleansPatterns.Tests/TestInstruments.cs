using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.CircuitBreakers;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Locks;
using OrleansPatterns.Server.Discovery;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Tests;

/// <summary>Instruments for what a test puts together by hand. Shared: nobody listens to them.</summary>
internal static class TestInstruments
{
    internal static BreakerInstruments Breakers { get; } = new(NewMeter());

    internal static DiscoveryGrainInstruments DiscoveryGrains { get; } = new(NewMeter());

    internal static IdempotencyInstruments Idempotency { get; } = new(NewMeter());

    internal static LockInstruments Locks { get; } = new(NewMeter());

    /// <summary>A meter of its own, for a test that listens.</summary>
    internal static PatternMeter NewMeter(out IServiceProvider services)
    {
        services = new ServiceCollection().AddPatternMeter().BuildServiceProvider();
        return services.GetRequiredService<PatternMeter>();
    }

    private static PatternMeter NewMeter() => NewMeter(out _);
}
