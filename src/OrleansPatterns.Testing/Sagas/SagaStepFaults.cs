using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Testing.Sagas;

/// <summary>The faults that are to befall the steps of a test cluster's sagas.</summary>
internal sealed class SagaStepFaults
{
    private readonly Lock _gate = new();
    private readonly List<SagaStepFault> _faults = [];

    internal void Add(SagaStepFault fault)
    {
        lock (_gate)
        {
            _faults.Add(fault);
        }
    }

    internal void Remove(SagaStepFault fault)
    {
        lock (_gate)
        {
            _faults.Remove(fault);
        }
    }

    /// <summary>The first that was made for such an attempt, which it counts.</summary>
    internal SagaStepFault? Take(string definition, SagaStepCall call)
    {
        lock (_gate)
        {
            return _faults.Find(fault => fault.TryTake(definition, call));
        }
    }
}
