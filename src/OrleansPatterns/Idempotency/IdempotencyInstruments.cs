using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Idempotency;

/// <summary>What a process that runs work once tells of it.</summary>
internal sealed class IdempotencyInstruments(PatternMeter meter)
{
    private readonly MetricHistogram<IdempotencyOutcome> _begins = meter.Histogram(
        "orleanspatterns.idempotency.begin.duration", "s", "How long callers waited to learn whether the work is theirs, and what they learnt.",
        MetricBuckets.Calls, new MetricTag<IdempotencyOutcome>("orleanspatterns.idempotency.outcome"));

    private readonly MetricHistogram<ExecutionOutcome> _executions = meter.Histogram(
        "orleanspatterns.idempotency.execution.duration", "s", "How long executions took, from asking for them until their end was recorded, and how they ended.",
        MetricBuckets.Work, new MetricTag<ExecutionOutcome>("orleanspatterns.idempotency.execution.outcome"));

    internal void Answered(IdempotencyOutcome outcome, TimeSpan waited) => _begins.Record(waited, outcome);

    internal void Ended(ExecutionOutcome outcome, TimeSpan duration) => _executions.Record(duration, outcome);
}
