using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Idempotency;
using OrleansPatterns.Postgres.Batching;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.PostgresTests;

/// <summary>Instruments for what a test puts together by hand; nobody listens to them.</summary>
internal static class TestInstruments
{
    internal static IdempotencyInstruments Idempotency { get; } = new(NewMeter());

    internal static BatchInstruments NewBatches() => new(NewMeter());

    private static PatternMeter NewMeter() => new ServiceCollection().AddPatternMeter().BuildServiceProvider().GetRequiredService<PatternMeter>();
}
