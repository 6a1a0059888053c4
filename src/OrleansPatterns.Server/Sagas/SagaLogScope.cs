using System.Collections;

namespace OrleansPatterns.Server.Sagas;

/// <summary>What every log entry that a step writes carries with it.</summary>
internal sealed class SagaLogScope(string sagaId, string step, SagaDirection direction, int attempt) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _fields =
    [
        new("SagaId", sagaId), new("SagaStep", step), new("SagaDirection", direction), new("SagaAttempt", attempt),
    ];

    public int Count => _fields.Length;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)_fields).GetEnumerator();

    public override string ToString() => $"saga {sagaId} {direction} {step}#{attempt}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
