using System.Diagnostics.Metrics;

namespace OrleansPatterns.Telemetry;

/// <summary>Records durations, in seconds, or sizes.</summary>
internal sealed class MetricHistogram(Histogram<double> histogram)
{
    internal void Record(TimeSpan duration) => histogram.Record(duration.TotalSeconds);
}

/// <summary>Records durations, in seconds, or sizes, by one tag.</summary>
internal sealed class MetricHistogram<T>(Histogram<double> histogram, MetricTag<T> tag)
    where T : struct, Enum
{
    /// <summary>Whether anybody listens: if not, what is to be recorded need not be computed.</summary>
    internal bool Enabled => histogram.Enabled;

    internal void Record(TimeSpan duration, T value) => Record(duration.TotalSeconds, value);

    internal void Record(double size, T value)
    {
        if (histogram.Enabled)
        {
            histogram.Record(size, tag[value]);
        }
    }
}

/// <summary>Records durations, in seconds, by two tags.</summary>
internal sealed class MetricHistogram<T1, T2>(Histogram<double> histogram, MetricTag<T1> tag1, MetricTag<T2> tag2)
    where T1 : struct, Enum
    where T2 : struct, Enum
{
    /// <inheritdoc cref="MetricHistogram{T}.Enabled"/>
    internal bool Enabled => histogram.Enabled;

    internal void Record(TimeSpan duration, T1 value1, T2 value2)
    {
        if (histogram.Enabled)
        {
            histogram.Record(duration.TotalSeconds, tag1[value1], tag2[value2]);
        }
    }
}
