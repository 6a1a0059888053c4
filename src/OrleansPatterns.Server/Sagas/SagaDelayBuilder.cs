using OrleansPatterns.Sagas;

namespace OrleansPatterns.Server.Sagas;

internal sealed class SagaDelayBuilder<TData> : SagaElement<TData>, ISagaDelayBuilder<TData>
    where TData : class
{
    private readonly Func<string, TimeSpan> _delay;
    private readonly TimeSpan? _constant;

    internal SagaDelayBuilder(string name, TimeSpan delay)
        : base(name) => (_delay, _constant) = (_ => delay, delay);

    internal SagaDelayBuilder(string name, Func<TData, TimeSpan> delay)
        : base(name) => _delay = json => delay(SagaJson.Deserialize<TData>(json));

    public ISagaDelayBuilder<TData> When(Func<TData, bool> condition)
    {
        SetCondition(condition);
        return this;
    }

    internal override SagaStepDefinition Build(SagaPlace place) => new()
    {
        Name = Name, Kind = SagaStepKind.Delay, Stage = place.Stage, Delay = _delay, Condition = Condition,
    };

    protected override IEnumerable<string> OwnFaults(SagaPlace place)
    {
        if (_constant is { } delay && (delay < TimeSpan.Zero || delay > SagaAdvance.MaxDelay))
        {
            yield return $"step '{Name}': the delay is {delay}; it must be {TimeSpan.Zero} to {SagaAdvance.MaxDelay}.";
        }
    }
}
