using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrleansPatterns.Telemetry;

namespace OrleansPatterns.Tests.Telemetry;

/// <summary>Hears what the meters of some service providers say, and not those of other hosts in this process.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, string Tags, double Value)> _measured = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RecordedMetrics(params IServiceProvider[] hosts)
    {
        var factories = hosts.Select(host => host.GetRequiredService<IMeterFactory>()).ToList();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PatternMeter.Name && factories.Contains(instrument.Meter.Scope))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All that an instrument has said, in order: its tags, by the last words of their keys, and its value.</summary>
    internal IReadOnlyList<(string Tags, double Value)> Of(string name) =>
        [.. _measured.Where(measured => measured.Name == "orleanspatterns." + name).Select(measured => (measured.Tags, measured.Value))];

    /// <summary>Waits until an instrument has spoken so often.</summary>
    internal async Task CountAsync(string name, int times)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (Of(name).Count >= times)
            {
                return;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What an instrument that is read says now, in the order of its tags.</summary>
    internal IReadOnlyList<(string Tags, double Value)> Read(string name)
    {
        var before = Of(name).Count;
        _listener.RecordObservableInstruments();
        return [.. Of(name).Skip(before).Order()];
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var shown = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key[(tag.Key.LastIndexOf('.') + 1)..]}={tag.Value}"));
        _measured.Enqueue((instrument.Name, shown, value));
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
