using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.AspNetCore.Discovery;
using OrleansPatterns.Postgres;
using OrleansPatterns.Server.Locks;
using OrleansPatterns.Telemetry;
using OrleansPatterns.Tests.Telemetry;

namespace OrleansPatterns.PostgresTests.Telemetry;

/// <summary>The table of instruments in <c>docs/telemetry.md</c> is what the code makes, name by name, unit by unit and tag by tag.</summary>
public sealed class MetricTableTests : IDisposable
{
    private static readonly Assembly[] Assemblies =
        [typeof(PatternMeter).Assembly, typeof(LockGrainInstruments).Assembly, typeof(PostgresDatabase).Assembly, typeof(SelfRegistrationOptions).Assembly];

    private readonly ServiceProvider _services = new ServiceCollection().AddPatternMeter().BuildServiceProvider();

    private PatternMeter Meter => _services.GetRequiredService<PatternMeter>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Table_SaysWhatTheCodeDeclares_AndNothingElse()
    {
        var classes = MakeAll();

        Assert.Equal(Documented(), Meter.Declared.Select(Show).Order(StringComparer.Ordinal));
        Assert.All(classes, made => Assert.EndsWith("Instruments", made.GetType().Name, StringComparison.Ordinal));
    }

    /// <summary>What is declared is what is there for whoever collects: by no other way does anything get onto the meter.</summary>
    [Fact]
    public void Meter_HasTheInstrumentsThatAreDeclared_OnceEach()
    {
        var published = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                published.Add(instrument);
            }
        };
        listener.Start();

        var classes = MakeAll();

        Assert.Equal(
            Meter.Declared.Select(declared => (declared.Name, declared.Kind, declared.Unit, declared.Description)).Order(),
            published.Select(instrument => (instrument.Name, KindOf(instrument), instrument.Unit!, instrument.Description!)).Order());
        Assert.Equal(published.Count, published.DistinctBy(instrument => instrument.Name).Count());
        Assert.All(published, instrument => Assert.Equal("OrleansPatterns", instrument.Meter.Name));
        Assert.All(published.OfType<Histogram<double>>(), histogram => Assert.NotEmpty(histogram.Advice!.HistogramBucketBoundaries!));
        GC.KeepAlive(classes);
    }

    /// <summary>OpenTelemetry's rules for names; and seconds, for everything that takes time.</summary>
    [Fact]
    public void Names_AreOpenTelemetrys()
    {
        MakeAll();
        Assert.All(Meter.Declared, declared =>
        {
            Assert.Matches("^orleanspatterns(\\.[a-z][a-z_]*)+$", declared.Name);
            Assert.DoesNotContain(Meter.Declared, other => other.Name.StartsWith(declared.Name + ".", StringComparison.Ordinal));
            Assert.Matches("^(s|\\{[a-z]+\\})$", declared.Unit);
            Assert.Equal(declared.Unit == "s", declared.Name.EndsWith(".duration", StringComparison.Ordinal) || declared.Name.EndsWith(".age", StringComparison.Ordinal));
            Assert.All(declared.Tags, tag => Assert.Matches("^orleanspatterns(\\.[a-z][a-z_]*)+$", tag.Key));
            Assert.All(declared.Tags, tag => Assert.InRange(tag.Values.Count, 2, 12));
        });
    }

    /// <summary>Every class that is made of a meter: what a process would make by itself when it needs it.</summary>
    private List<object> MakeAll() =>
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.GetConstructors() is [var constructor] && constructor.GetParameters() is [{ ParameterType: var only }] && only == typeof(PatternMeter))
            .Select(type => Activator.CreateInstance(type, Meter)!),
    ];

    private static IEnumerable<string> Documented() => TelemetryDocument.Rows("instrument")
        .Select(row => $"{TelemetryDocument.Code(row[0]).Single()} | {row[1]} | {TelemetryDocument.Code(row[2]).Single()} | {row[3].Replace("`", "", StringComparison.Ordinal)}")
        .Order(StringComparer.Ordinal);

    private static string Show(MetricDeclaration declared) =>
        $"{declared.Name} | {declared.Kind} | {declared.Unit} | {string.Join(", ", declared.Tags.Select(tag => $"{tag.Key} ({string.Join(", ", tag.Values)})"))}";

    private static MetricKind KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => MetricKind.Counter,
        Histogram<double> => MetricKind.Histogram,
        ObservableUpDownCounter<long> => MetricKind.UpDownCounter,
        ObservableGauge<double> => MetricKind.Gauge,
        _ => MetricKind.None,
    };
}
