using System.Diagnostics.Metrics;

namespace OrleansPatterns.Telemetry;

/// <summary>Counts events.</summary>
internal sealed class MetricCounter(Counter<long> counter)
{
    internal void Add(long count = 1) => counter.Add(count);
}

/// <summary>Counts events by one tag.</summary>
internal sealed class MetricCounter<T>(Counter<long> counter, MetricTag<T> tag)
    where T : struct, Enum
{
    internal void Add(T value, long count = 1)
    {
        if (counter.Enabled)
        {
            counter.Add(count, tag[value]);
        }
    }
}
