using OrleansPatterns.Server.Sagas;
using OrleansPatterns.Testing.Sagas;

namespace OrleansPatterns.Testing;

/// <summary>A fault that a test lets a saga's step have. Dispose it to mend the step; attempts that begin from then on are spared.</summary>
public sealed class SagaStepFault : IDisposable
{
    private readonly SagaStepFaults _faults;
    private readonly Func<SiloAddress, Task> _kill;
    private readonly string _definition;
    private readonly string _step;
    private readonly string? _sagaId;
    private readonly SagaDirection _direction;
    private readonly int _attempts;
    private int _count;

    internal SagaStepFault(
        SagaStepFaults faults,
        Func<SiloAddress, Task> kill,
        string definition,
        string step,
        SagaDirection direction,
        Exception? exception,
        SagaFaultPoint point,
        int attempts,
        string? sagaId)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        if (point is not (SagaFaultPoint.BeforeStep or SagaFaultPoint.AfterStep))
        {
            throw new ArgumentOutOfRangeException(nameof(point), point, "A step fails before or after its own work.");
        }

        (_faults, _kill, _definition, _step, _direction, _attempts, _sagaId) = (faults, kill, definition, step, direction, attempts, sagaId);
        (Exception, Point) = (exception, point);
        faults.Add(this);
    }

    /// <summary>How many attempts it has befallen.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>What the step throws; <see langword="null"/>: its silo crashes.</summary>
    internal Exception? Exception { get; }

    internal SagaFaultPoint Point { get; }

    /// <summary>Mends the step. Safe to repeat.</summary>
    public void Dispose() => _faults.Remove(this);

    /// <summary>Whether it is for this attempt. One at a time.</summary>
    internal bool TryTake(string definition, SagaStepCall call)
    {
        var isMeant = _count < _attempts
            && (definition, call.StepName, call.Direction) == (_definition, _step, _direction)
            && (_sagaId is null || _sagaId == call.SagaId);
        _count += isMeant ? 1 : 0;
        return isMeant;
    }

    internal void Crash(SiloAddress silo) => _ = _kill(silo);
}
