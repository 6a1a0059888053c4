using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed class SagaSignalBuilder<TData, TSignal>(string name) : SagaElement<TData>(name), ISagaSignalBuilder<TData, TSignal>
    where TData : class
    where TSignal : class
{
    private TimeSpan? _deadline;
    private SagaDeadlineAction _otherwise = SagaDeadlineAction.Compensate;
    private Func<string, string, string>? _apply;

    public ISagaSignalBuilder<TData, TSignal> Apply(Action<TData, TSignal> apply)
    {
        _apply = Applying(apply);
        return this;
    }

    public ISagaSignalBuilder<TData, TSignal> Deadline(TimeSpan deadline, SagaDeadlineAction otherwise = SagaDeadlineAction.Compensate)
    {
        (_deadline, _otherwise) = (deadline, otherwise);
        return this;
    }

    public ISagaSignalBuilder<TData, TSignal> When(Func<TData, bool> condition)
    {
        SetCondition(condition);
        return this;
    }

    internal override SagaStepDefinition Build(SagaPlace place) => new()
    {
        Name = Name,
        Kind = SagaStepKind.Signal,
        Stage = place.Stage,
        Deadline = _deadline,
        Otherwise = _otherwise,
        CheckPayload = Check<TSignal>,
        Apply = _apply,
        Condition = Condition,
    };

    protected override IEnumerable<string> OwnFaults(SagaPlace place)
    {
        if (_deadline is { } deadline && (deadline <= TimeSpan.Zero || deadline > SagaAdvance.MaxDelay))
        {
            yield return $"step '{Name}': Deadline is {deadline}; it must be greater than zero and at most {SagaAdvance.MaxDelay}.";
        }

        if (_otherwise is not (SagaDeadlineAction.Compensate or SagaDeadlineAction.Continue))
        {
            yield return $"step '{Name}': Deadline has {_otherwise}; it must be Compensate or Continue.";
        }

        if (_deadline is not null && _otherwise == SagaDeadlineAction.Compensate && place.IsAfterPivot)
        {
            yield return $"step '{Name}' comes after the pivot, where nothing is undone; its Deadline must say Continue.";
        }
    }
}
