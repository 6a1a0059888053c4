using System.Collections.Concurrent;
using OrleansPatterns.Sagas;

namespace OrleansPatterns.Tests.Testing;

/// <summary>What the steps of all trips have done, outside of the cluster.</summary>
public sealed class TripLedger
{
    private readonly ConcurrentQueue<(string SagaId, string Entry)> _entries = new();

    public string[] Of(string sagaId) => [.. _entries.Where(entry => entry.SagaId == sagaId).Select(entry => entry.Entry)];

    internal Task WriteAsync(SagaStepContext<Trip> step, string entry)
    {
        _entries.Enqueue((step.SagaId, $"{entry}#{step.Attempt}{(step.IsOutcomeUnknown ? "?" : "")}"));
        step.Data.Done.Add(entry);
        return Task.CompletedTask;
    }
}
