using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>What became of the sagas' records: by it a test waits for something to be durable.</summary>
internal sealed class SagaJournal
{
    private readonly Lock _gate = new();
    private readonly Dictionary<GrainId, SagaRecord> _records = [];
    private readonly List<(GrainId Saga, Func<SagaRecord, bool> Wanted, TaskCompletionSource Written)> _waiting = [];
    private readonly HashSet<GrainId> _failing = [];
    private readonly HashSet<GrainId> _read = [];
    private readonly Dictionary<GrainId, (Func<SagaRecord, bool> When, Func<Task> Act)> _acts = [];

    internal static GrainId GrainIdOf(string sagaId) => GrainKeys.GrainIdFor(PatternNames.Saga, ResourceKey.Parse(sagaId));

    /// <summary>Completes when the stored record is such, now or later. One that was removed has the phase None.</summary>
    internal async Task WrittenAsync(string sagaId, Func<SagaRecord, bool> wanted, string what)
    {
        var id = GrainIdOf(sagaId);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_records.TryGetValue(id, out var record) && wanted(record))
            {
                return;
            }

            _waiting.Add((id, wanted, written));
        }

        try
        {
            await written.Task.Soon();
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Waited for saga '{sagaId}' to be {what}; it is {Describe(id)}.");
        }
    }

    /// <summary>Has the next write of a saga fail before it is stored.</summary>
    internal void FailNextWrite(string sagaId)
    {
        lock (_gate)
        {
            _failing.Add(GrainIdOf(sagaId));
        }
    }

    /// <summary>Has something happen once when such a record is stored, before the activation that has written it goes on.</summary>
    internal void OnceWritten(string sagaId, Func<SagaRecord, bool> when, Func<Task> act)
    {
        lock (_gate)
        {
            _acts.Add(GrainIdOf(sagaId), (when, act));
        }
    }

    internal bool WasRead(string sagaId)
    {
        lock (_gate)
        {
            return _read.Contains(GrainIdOf(sagaId));
        }
    }

    internal void Reading(GrainId saga)
    {
        lock (_gate)
        {
            _read.Add(saga);
        }
    }

    internal void Writing(GrainId saga)
    {
        lock (_gate)
        {
            if (_failing.Remove(saga))
            {
                throw new InvalidOperationException("The storage is out of order.");
            }
        }
    }

    internal Task WroteAsync(GrainId saga, SagaRecord record)
    {
        Func<Task> act = static () => Task.CompletedTask;
        lock (_gate)
        {
            _records[saga] = record;
            foreach (var (_, _, written) in _waiting.Where(wait => wait.Saga == saga && wait.Wanted(record)))
            {
                written.TrySetResult();
            }

            _waiting.RemoveAll(wait => wait.Written.Task.IsCompleted);
            if (_acts.TryGetValue(saga, out var planned) && planned.When(record))
            {
                _acts.Remove(saga);
                act = planned.Act;
            }
        }

        return act();
    }

    private string Describe(GrainId saga)
    {
        lock (_gate)
        {
            return _records.TryGetValue(saga, out var record) ? $"{record}, {string.Join(", ", record.Steps)}" : "nowhere";
        }
    }
}
