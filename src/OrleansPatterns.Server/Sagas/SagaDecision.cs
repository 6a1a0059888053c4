using System.Collections.Immutable;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What the rules decided: the record to make durable (the same instance when nothing changes), then the attempts to run.</summary>
internal readonly record struct SagaDecision(SagaRecord Record, ImmutableArray<SagaMove> Runs);
