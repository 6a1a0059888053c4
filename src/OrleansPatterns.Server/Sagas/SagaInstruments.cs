using OrleansPatterns.Sagas;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What a silo tells of the sagas that run in it.</summary>
internal sealed class SagaInstruments(PatternMeter meter)
{
    private const string Phase = "orleanspatterns.saga.phase";

    private readonly MetricCounter _starts = meter.Counter("orleanspatterns.saga.starts", "{saga}", "Sagas that were started.");

    private readonly MetricHistogram<SagaPhase> _durations = meter.Histogram(
        "orleanspatterns.saga.duration", "s", "How long sagas took from their start to their end, and how they ended.", MetricBuckets.Processes,
        new MetricTag<SagaPhase>(Phase, SagaPhase.Completed, SagaPhase.Compensated, SagaPhase.GivenUp));

    private readonly MetricCounter<SagaPhase> _halts = meter.Counter(
        "orleanspatterns.saga.halts", "{saga}", "Sagas that do not go on unless somebody sees to them, or to their definition.",
        new MetricTag<SagaPhase>(Phase, SagaPhase.Stuck, SagaPhase.Parked));

    private readonly MetricHistogram<SagaDirection, SagaAttemptOutcome> _attempts = meter.Histogram(
        "orleanspatterns.saga.step.duration", "s", "How long attempts of steps took, and how they ended.", MetricBuckets.Work,
        new MetricTag<SagaDirection>("orleanspatterns.saga.direction"), new MetricTag<SagaAttemptOutcome>("orleanspatterns.saga.outcome"));

    internal void Started() => _starts.Add();

    /// <summary>The saga has come to its end, or to a halt. Other phases are nothing to count.</summary>
    internal void Changed(SagaRecord record)
    {
        if (record.IsHalted)
        {
            _halts.Add(record.Phase);
        }
        else if (record is { IsFinal: true, EndedAt: { } endedAt })
        {
            _durations.Record(endedAt - record.StartedAt, record.Phase);
        }
    }

    internal void Attempted(SagaDirection direction, SagaAttemptOutcome outcome, TimeSpan duration) => _attempts.Record(duration, direction, outcome);
}
