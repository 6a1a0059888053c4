using System.Collections.Concurrent;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Postgres.Batching;

/// <summary>What a process tells of its batches of rows.</summary>
internal sealed class BatchInstruments
{
    private readonly MetricHistogram<BatchKind, BatchFault> _durations;
    private readonly MetricHistogram<BatchKind> _sizes;
    private readonly MetricCounter _conflicts;
    private readonly ConcurrentDictionary<object, (BatchKind Kind, Func<int> Length)> _queues = [];

    public BatchInstruments(PatternMeter meter)
    {
        var kind = new MetricTag<BatchKind>("orleanspatterns.storage.batch.kind");
        _durations = meter.Histogram(
            "orleanspatterns.storage.batch.duration", "s", "How long PostgreSQL took for batches of rows, and what went wrong.", MetricBuckets.Calls,
            kind, new MetricTag<BatchFault>("orleanspatterns.storage.batch.fault", Enum.GetValues<BatchFault>()));
        _sizes = meter.Histogram(
            "orleanspatterns.storage.batch.size", "{row}", "How many rows went into the batches that PostgreSQL has taken.", MetricBuckets.Rows, kind);
        _conflicts = meter.Counter(
            "orleanspatterns.storage.conflicts", "{row}",
            "Writes of grain state that were refused because another activation had written, or because the state that was to be new was there.");
        meter.UpDownCounter(
            "orleanspatterns.storage.queue.length", "{row}", "Rows that were taken from their callers and are not answered yet.", kind,
            () => _queues.Values.GroupBy(static queue => queue.Kind).Select(static group => (group.Key, group.Sum(static queue => (long)queue.Length()))));
    }

    /// <summary>A queue is open; <see cref="Closed"/> follows.</summary>
    internal void Opened(object queue, BatchKind kind, Func<int> length) => _queues.TryAdd(queue, (kind, length));

    internal void Closed(object queue) => _queues.TryRemove(queue, out _);

    /// <summary>A batch was sent, or could not be.</summary>
    internal void Sent(BatchKind kind, int rows, BatchFault fault, TimeSpan duration)
    {
        _durations.Record(duration, kind, fault);
        if (fault == BatchFault.None)
        {
            _sizes.Record(rows, kind);
        }
    }

    internal void Conflicted() => _conflicts.Add();
}
