using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansPatterns.Telemetry;

/// <summary>The one meter. Instruments are made here and nowhere else, so that each is declared, with its tags and all that they may be.</summary>
/// <remarks>
/// One for each service provider, as its <see cref="IMeterFactory"/> is: several hosts in one process, as tests have them, measure apart.
/// </remarks>
internal sealed class PatternMeter(IMeterFactory factory)
{
    internal const string Name = "OrleansPatterns";

    private readonly Meter _meter = factory.Create(Name);
    private readonly ConcurrentQueue<MetricDeclaration> _declared = [];

    /// <summary>Everything that has been made.</summary>
    internal IReadOnlyCollection<MetricDeclaration> Declared => _declared;

    internal MetricCounter Counter(string name, string unit, string description) => new(CreateCounter(name, unit, description, []));

    internal MetricCounter<T> Counter<T>(string name, string unit, string description, MetricTag<T> tag)
        where T : struct, Enum =>
        new(CreateCounter(name, unit, description, [tag.Declaration]), tag);

    internal MetricHistogram Histogram(string name, string unit, string description, double[] buckets) =>
        new(CreateHistogram(name, unit, description, buckets, []));

    internal MetricHistogram<T> Histogram<T>(string name, string unit, string description, double[] buckets, MetricTag<T> tag)
        where T : struct, Enum =>
        new(CreateHistogram(name, unit, description, buckets, [tag.Declaration]), tag);

    internal MetricHistogram<T1, T2> Histogram<T1, T2>(
        string name, string unit, string description, double[] buckets, MetricTag<T1> tag1, MetricTag<T2> tag2)
        where T1 : struct, Enum
        where T2 : struct, Enum =>
        new(CreateHistogram(name, unit, description, buckets, [tag1.Declaration, tag2.Declaration]), tag1, tag2);

    internal void UpDownCounter(string name, string unit, string description, Func<long> read)
    {
        Declare(MetricKind.UpDownCounter, name, unit, description, []);
        _meter.CreateObservableUpDownCounter(name, read, unit, description);
    }

    internal void UpDownCounter<T>(string name, string unit, string description, MetricTag<T> tag, Func<IEnumerable<(T Value, long Count)>> read)
        where T : struct, Enum
    {
        Declare(MetricKind.UpDownCounter, name, unit, description, [tag.Declaration]);
        _meter.CreateObservableUpDownCounter(name, () => read().Select(each => new Measurement<long>(each.Count, tag[each.Value])), unit, description);
    }

    internal void UpDownCounter<T1, T2>(
        string name, string unit, string description, MetricTag<T1> tag1, MetricTag<T2> tag2, Func<IEnumerable<(T1 Value1, T2 Value2, long Count)>> read)
        where T1 : struct, Enum
        where T2 : struct, Enum
    {
        Declare(MetricKind.UpDownCounter, name, unit, description, [tag1.Declaration, tag2.Declaration]);
        _meter.CreateObservableUpDownCounter(
            name, () => read().Select(each => new Measurement<long>(each.Count, tag1[each.Value1], tag2[each.Value2])), unit, description);
    }

    /// <param name="name">The instrument's name.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="description">What it tells.</param>
    /// <param name="read">Gives the value; <see langword="null"/>: there is none now.</param>
    internal void Gauge(string name, string unit, string description, Func<double?> read)
    {
        Declare(MetricKind.Gauge, name, unit, description, []);
        _meter.CreateObservableGauge(
            name, () => read() is { } value ? [new Measurement<double>(value)] : Enumerable.Empty<Measurement<double>>(), unit, description);
    }

    private Counter<long> CreateCounter(string name, string unit, string description, IReadOnlyList<MetricTagDeclaration> tags)
    {
        Declare(MetricKind.Counter, name, unit, description, tags);
        return _meter.CreateCounter<long>(name, unit, description);
    }

    private Histogram<double> CreateHistogram(
        string name, string unit, string description, double[] buckets, IReadOnlyList<MetricTagDeclaration> tags)
    {
        Declare(MetricKind.Histogram, name, unit, description, tags);
        return _meter.CreateHistogram(
            name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
    }

    private void Declare(MetricKind kind, string name, string unit, string description, IReadOnlyList<MetricTagDeclaration> tags) =>
        _declared.Enqueue(new MetricDeclaration(name, kind, unit, description, tags));
}
