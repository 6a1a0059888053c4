using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Idempotency;

/// <summary>What only the silo of a key knows.</summary>
internal sealed class IdempotencyGrainInstruments(PatternMeter meter)
{
    private readonly MetricCounter<LostExecutorOutcome> _lost = meter.Counter(
        "orleanspatterns.idempotency.lost_executors", "{execution}", "Executions whose executor was lost, and what became of them.",
        new MetricTag<LostExecutorOutcome>("orleanspatterns.idempotency.lost_executor.outcome"));

    internal void Lost(LostExecutorOutcome outcome) => _lost.Add(outcome);
}
