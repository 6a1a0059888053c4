namespace OrleansPatterns.Tests.Telemetry;

/// <summary>Whoever listens to activities does so for the whole process, so tests that listen, or must find nobody listening, come one after the other.</summary>
[CollectionDefinition(nameof(TraceListeners))]
public sealed class TraceListeners;
