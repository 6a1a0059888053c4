using OrleansPatterns.Sagas;
using OrleansPatterns.Server.Sagas;

namespace OrleansPatterns.Tests.Sagas;

/// <summary>
/// What the steps call: services that remember idempotency keys, refuse those that are sealed, and stick to a refusal; and child sagas.
/// </summary>
internal sealed class SagaSimulationServices(SagaDefinition definition, Random random)
{
    private readonly bool[] _happened = new bool[definition.Steps.Length];
    private readonly bool[] _refused = new bool[definition.Steps.Length];
    private readonly bool[] _pardoned = new bool[definition.Steps.Length];
    private readonly bool[] _sealed = new bool[definition.Steps.Length];
    private readonly SagaPhase[] _children = new SagaPhase[definition.Steps.Length];
    private readonly bool[] _told = new bool[definition.Steps.Length];

    public bool HasHappened(int step) => IsChild(step) ? _children[step] is SagaPhase.Running or SagaPhase.Completed : _happened[step];

    public SagaPhase Child(int step) => _children[step];

    public void Seal(int step) => _sealed[step] |= !IsChild(step);

    /// <summary>Whether a refusal no longer holds, and no call has been refused since: a late one of before may have taken effect.</summary>
    public bool IsPardoned(int step) => _pardoned[step];

    /// <summary>An operator has the reason of a refusal seen to.</summary>
    public void Pardon()
    {
        for (var step = 0; step < _refused.Length; step++)
        {
            _pardoned[step] |= _refused[step];
            _refused[step] = false;
        }
    }

    /// <summary>A call arrives, at whatever time, and takes effect or not.</summary>
    public SagaAttemptOutcome Call(int step, SagaDirection direction)
    {
        var outcome = random.Next(16) switch
        {
            < 10 => SagaAttemptOutcome.Succeeded,
            10 or 11 => SagaAttemptOutcome.Rejected,
            12 => random.Next(3) == 0 ? SagaAttemptOutcome.FailedForGood : SagaAttemptOutcome.Failed,
            _ => SagaAttemptOutcome.Failed,
        };
        var takesEffect = outcome == SagaAttemptOutcome.Succeeded
            || (outcome is SagaAttemptOutcome.Failed or SagaAttemptOutcome.FailedForGood && random.Next(2) == 0);
        return (IsChild(step), direction) switch
        {
            (true, SagaDirection.Action) => StartChild(step, outcome, takesEffect),
            (true, _) => UndoChild(step, outcome, takesEffect),
            (false, SagaDirection.Action) => Act(step, outcome, takesEffect),
            _ => Undo(step, outcome, takesEffect),
        };
    }

    /// <summary>Children come to their ends; one whose parent has not heard of it says it again.</summary>
    public int? NextToTell()
    {
        for (var step = 0; step < _children.Length; step++)
        {
            if (_children[step] == SagaPhase.Running && random.Next(3) == 0)
            {
                _children[step] = random.Next(8) switch { 0 => SagaPhase.GivenUp, 1 or 2 => SagaPhase.Compensated, _ => SagaPhase.Completed };
            }

            if (_children[step] is SagaPhase.Completed or SagaPhase.Compensated or SagaPhase.GivenUp && !_told[step])
            {
                return step;
            }
        }

        return null;
    }

    public void Told(int step, SagaPhase phase) => _told[step] |= phase == _children[step];

    private bool IsChild(int step) => definition.Steps[step].Kind == SagaStepKind.Child;

    private SagaAttemptOutcome Act(int step, SagaAttemptOutcome outcome, bool takesEffect)
    {
        if (_sealed[step])
        {
            return SagaAttemptOutcome.Failed;
        }

        if (_refused[step] || (outcome == SagaAttemptOutcome.Rejected && !_happened[step]))
        {
            (_refused[step], _pardoned[step]) = (true, false);
            return SagaAttemptOutcome.Rejected;
        }

        _happened[step] |= takesEffect;
        return outcome == SagaAttemptOutcome.Rejected ? SagaAttemptOutcome.Succeeded : outcome;
    }

    private SagaAttemptOutcome Undo(int step, SagaAttemptOutcome outcome, bool takesEffect)
    {
        _happened[step] &= !takesEffect;
        return outcome;
    }

    private SagaAttemptOutcome StartChild(int step, SagaAttemptOutcome outcome, bool takesEffect)
    {
        if (_children[step] == SagaPhase.None && takesEffect)
        {
            _children[step] = SagaPhase.Running;
        }

        // An end is told again to whoever starts it again.
        _told[step] = false;
        return outcome == SagaAttemptOutcome.Rejected ? SagaAttemptOutcome.Failed : outcome;
    }

    private SagaAttemptOutcome UndoChild(int step, SagaAttemptOutcome outcome, bool takesEffect)
    {
        if (_children[step] == SagaPhase.GivenUp)
        {
            return SagaAttemptOutcome.Failed;
        }

        if (takesEffect)
        {
            (_children[step], _told[step]) = (SagaPhase.Compensated, false);
        }

        return outcome;
    }
}
