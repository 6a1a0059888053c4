using System.Collections.Concurrent;
using System.Threading.Channels;
using Polly.Telemetry;

namespace OrleansPatterns.Tests.CircuitBreakers;

/// <summary>What a Polly pipeline reports.</summary>
internal sealed class RecordedTelemetry : TelemetryListener
{
    private readonly Channel<(string Name, ResilienceEventSeverity Severity)> _events = Channel.CreateUnbounded<(string, ResilienceEventSeverity)>();

    public ConcurrentQueue<object?> Arguments { get; } = [];

    public ConcurrentQueue<ResilienceTelemetrySource> Sources { get; } = [];

    public bool HasMore => _events.Reader.TryPeek(out _);

    public Task<(string Name, ResilienceEventSeverity Severity)> NextAsync() =>
        _events.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
    {
        if (args.Event.EventName.StartsWith("OnCircuit", StringComparison.Ordinal))
        {
            Arguments.Enqueue(args.Arguments);
            Sources.Enqueue(args.Source);
            _events.Writer.TryWrite((args.Event.EventName, args.Event.Severity));
        }
    }
}
